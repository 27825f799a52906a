// The roof over a server: its settings, the live site, who may come in, what leaves, and the door.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ServedSite, ServeRequest } from './cli/world.ts'
import type { SiteNow } from './model/operations.ts'
import { type Answer, answer, refuse } from './model/refusal.ts'
import { HOME, stateOf, transcriptPath, VERSION } from './wire-home.ts'
import { elsewhereOf } from './wire-elsewhere.ts'
import { loadSite } from './wire-reading.ts'
import { sitePartsOf } from './wire-site.ts'

/** Takes the site, and answers over HTTP from when it resolves. */
export async function serve(request: ServeRequest): Promise<Answer<ServedSite>> {
  const { openAnswersBook } = await import('./api/answers-book.ts')
  const { KEPT_MS } = await import('./api/idempotency.ts')
  const { makeAccess } = await import('./api/access/access.ts')
  const { makeServerKey } = await import('./api/access/credentials.ts')
  const { mayListen } = await import('./api/may-listen.ts')
  const { openingOf } = await import('./api/opening.ts')
  const { forgetPlace, tellPlace } = await import('./api/server-place.ts')
  const { startServer } = await import('./api/server.ts')
  const { serveElected } = await import('./engine/elected-serving.ts')
  const { serveSite } = await import('./engine/serve-site.ts')
  const { meetingOf } = await import('./wire-journal.ts')
  const { loadServerSettings } = await import('./content/load-server.ts')
  const { systemClock } = await import('./engine/clock.ts')
  const { refusalOf } = await import('./engine/reading.ts')
  const { directory } = request
  const loaded = await loadServerSettings(directory)
  if (!loaded.ok)
    return refuse({
      code: 'invalidSite',
      message: 'server.yaml cannot be used as it is',
      faults: loaded.faults,
    })
  const { settingsSecrets } = await import('./content/settings-secret.ts')
  const { followSecrets } = await import('./wire-secrets.ts')
  const readSecret = settingsSecrets(await followSecrets(directory))
  const opening = await openingOf(loaded.settings, request.listen, readSecret)
  if (!opening.ok) return opening
  const { settings, tls, clientSecret } = opening.value
  const { listen } = settings
  const free = await mayListen(listen)
  if (!free.ok) return free
  const { logLines } = await import('./observe/log-lines.ts')
  const { startObserving } = await import('./observe/observing.ts')
  const { timedJournal } = await import('./observe/timed-journal.ts')
  const log = request.log
    ? logLines(
        { ...settings.log, ...request.log },
        () => systemClock.now(),
        (line) => request.onLog(line),
      )
    : logLines(
        { format: 'text', level: 'warn' },
        () => systemClock.now(),
        (line) => request.onLog(line),
      )
  const siteParts = await sitePartsOf(directory)
  const journal = timedJournal(siteParts.store)
  const elsewhere = await elsewhereOf(directory, siteParts, settings.runners.leaseMs)
  const { makeExecutor, makeRunner } = elsewhere
  const meeting = await meetingOf(directory)
  const store = { ...siteParts, store: journal.store, makeRunner, makeExecutor }
  const notice = (message: string): void => request.onFeed({ kind: 'notice', message, at: systemClock.now() })
  const { patienceMs } = settings.standby
  const withOthers =
    meeting &&
    (await serveElected(
      { ...store, meeting, readNow: () => readSite(directory), notice, patienceMs },
      request,
    ))
  const opened = withOthers ?? (await serveSite(store, request))
  if (!opened.ok) {
    await meeting?.close()
    return opened
  }
  const elected = withOthers?.ok ? withOthers.value : undefined
  const serving = opened.value
  try {
    return await openDoor()
  } catch (error) {
    // The journal may have gone away as it was taken: what is still open would keep this process from ending.
    await serving.close().catch(() => {})
    return refuse(refusalOf(error))
  }

  async function openDoor(): Promise<Answer<ServedSite>> {
    await elsewhere.hear(serving)
    serving.watch(({ feed }) => feed.forEach((one) => request.onFeed(one)))
    const page = join(HOME, 'web', 'dist')
    if (!existsSync(join(page, 'index.html')))
      request.onFeed({
        kind: 'notice',
        message: 'the page was not built, only the API answers; npm run build:web builds it',
        at: systemClock.now(),
      })
    const instance = randomUUID()
    const key = makeServerKey()
    const peerKey = makeServerKey()
    const access = makeAccess({
      serving,
      settings,
      keyHash: key.hash,
      whoWorks: (text) => elsewhere.desk.whoShows(text),
      ...(elected ? { peerHash: peerKey.hash } : {}),
      ...(clientSecret === undefined ? {} : { clientSecret }),
      clock: systemClock,
      log,
    })
    const observing = await startObserving({
      serving,
      settings: settings.observe,
      directory: stateOf(directory),
      version: VERSION,
      ...(settings.url === undefined ? {} : { url: settings.url }),
      clock: systemClock,
      log,
      logsTurns: request.log !== undefined,
      readSecret,
      env: process.env,
      readSite: () => readSite(directory),
      journal,
      ...(elected ? { active: elected.active } : {}),
    })
    if (!observing.ok) {
      await access.close()
      await serving.close()
      return observing
    }
    const { watch, metrics, hooks } = observing.value
    const answers = await openAnswersBook(
      join(stateOf(directory), 'answers.ndjson'),
      () => Date.now() - KEPT_MS,
    )
    const server = await startServer({
      serving,
      answers,
      version: VERSION,
      instance,
      listen,
      access,
      ...(tls && { tls }),
      page,
      site: request.now.site,
      transcriptPath: (run) => transcriptPath(directory, run),
      elsewhere,
      watch,
      ...(metrics ? { metrics } : {}),
      hooks,
      onMistake: (error, where) =>
        log('error', 'a mistake of ours', {
          where,
          problem: error instanceof Error ? (error.stack ?? '') : String(error),
        }),
    })
    const place = { url: server.local, pid: process.pid, startedAt: Date.now(), instance }
    tellPlace(stateOf(directory), place, key.text)
    await elected?.introduce({ url: settings.url ?? server.url, key: peerKey.text })
    return answer({
      url: server.url,
      drain: (by) => serving.drain(by),
      over: serving.over,
      fault: () => serving.fault(),
      async close() {
        forgetPlace(stateOf(directory), place)
        await access.close()
        await observing.value.close()
        await serving.close()
        await server.close()
        await answers.close()
      },
    })
  }
}

async function readSite(directory: string): Promise<Answer<SiteNow>> {
  const loaded = await loadSite(directory)
  if (loaded.ok) return answer({ site: loaded.site, content: loaded.content })
  return refuse({ code: 'invalidSite', message: 'the files of the site have faults', faults: loaded.faults })
}
