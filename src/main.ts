// The roof: picks the implementations and wires the rooms; what a command does not need is not loaded.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { runCli } from './cli/cli.ts'
import { processWorld } from './cli/process-world.ts'
import type { CliWorld, ServedSite, ServeRequest, TrailDoor } from './cli/world.ts'
import type { Aside, SiteParts } from './engine/site-parts.ts'
import type { SqliteOptions } from './journal/sqlite-journal.ts'
import type { Operations, SiteNow } from './model/operations.ts'
import { type Answer, answer, refuse } from './model/refusal.ts'
import { SERVER_PLACE_FILE } from './model/server-place.ts'
import type { RehearsalReport, RehearsalRequest } from './model/rehearsal.ts'
import type { SecretsSettings, VaultSettings } from './model/secrets.ts'
import type { LocalRunnerOptions } from './runner/local-runner.ts'
import type { Executor } from './runner/executor.ts'
import type { Runner } from './runner/runner.ts'
import type { KeySource } from './secrets/key-source.ts'

const HOME = dirname(dirname(fileURLToPath(import.meta.url)))
const VERSION = '0.1.0'
/** In this process so far. */
const made = { asides: 0 }
const SHIPPED_PACKAGES = join(HOME, 'packages')
const HOLDER = { pid: process.pid, host: hostname(), what: ['anneal', ...process.argv.slice(2)].join(' ') }

const world: CliWorld = {
  ...processWorld(),
  version: VERSION,
  async loadSite(directory) {
    const { loadSite } = await import('./content/load-site.ts')
    return loadSite(directory, { shippedPackages: SHIPPED_PACKAGES })
  },
  async siteStamp(directory, files) {
    const { siteStamp } = await import('./content/site-stamp.ts')
    return siteStamp(directory, files)
  },
  openOperations: async (siteDirectory, _mode, server) =>
    (await servedElsewhere(siteDirectory, server)) ?? answer(await openOperations(siteDirectory)),
  serve,
  transcriptPath,
  async makeToken(name) {
    const { makeToken } = await import('./api/access/credentials.ts')
    return makeToken(name)
  },
  trail,
  signInLink,
  openPage,
  async secrets(siteDirectory) {
    const { secretsKeeping } = await import('./secrets/keeping.ts')
    const { sqliteJournal } = await import('./journal/sqlite-journal.ts')
    return secretsKeeping({
      store: sqliteJournal(stateOf(siteDirectory), journalOptions(siteDirectory)),
      siteDir: siteDirectory,
      settings: () => secretsSettings(siteDirectory),
      holder: HOLDER,
    })
  },
  async lab() {
    const { labDoor } = await import('./lab/door.ts')
    return labDoor
  },
  async demo(request) {
    const { demo } = await import('./engine/demo.ts')
    const { makeLanguage } = await import('./content/language.ts')
    return demo(makeLanguage(), request)
  },
}

if (isMainThread) process.exitCode = await runCli(process.argv.slice(2), world)
else await rehearseHere(workerData as Rehearsing)

function stateOf(siteDirectory: string): string {
  return join(siteDirectory, '.anneal')
}

function transcriptPath(siteDirectory: string, run: string): string {
  return join(stateOf(siteDirectory), 'runs', `${run}.log`)
}

/** Undefined where no server has to do with it. */
async function servedElsewhere(
  siteDirectory: string,
  url: string | undefined,
): Promise<Answer<Operations> | undefined> {
  const state = stateOf(siteDirectory)
  if (url === undefined && !existsSync(join(state, SERVER_PLACE_FILE))) return undefined
  const { connect, findServer } = await import('./client/find-server.ts')
  const { httpOperations } = await import('./client/http-operations.ts')
  const found =
    url === undefined ? await findServer(state, world.user) : await connect(url, world.env, world.user)
  if (found === undefined || !found.ok) return found
  const { connection, version } = found.value
  if (version !== VERSION)
    process.stderr.write(
      `anneal: the server at ${connection.url} is version ${version}, and this is ${VERSION}\n`,
    )
  return answer(httpOperations(connection))
}

function journalOptions(siteDirectory: string): SqliteOptions {
  return {
    site: basename(siteDirectory),
    toolVersion: VERSION,
    notice: (message) => process.stderr.write(`anneal: ${message}\n`),
  }
}

async function openOperations(siteDirectory: string): Promise<Operations> {
  const { siteOperations } = await import('./engine/site-operations.ts')
  return siteOperations(await sitePartsOf(siteDirectory))
}

async function sitePartsOf(siteDirectory: string): Promise<SiteParts> {
  const { sealedJournal } = await import('./secrets/sealed-journal.ts')
  const { WrappingKeys } = await import('./secrets/key-ring.ts')
  const { sqliteJournal } = await import('./journal/sqlite-journal.ts')
  const { makeLanguage } = await import('./content/language.ts')
  const { controlSocket } = await import('./engine/control-socket.ts')
  const { systemClock } = await import('./engine/clock.ts')
  const language = makeLanguage()
  return {
    store: sealedJournal(
      sqliteJournal(stateOf(siteDirectory), journalOptions(siteDirectory)),
      new WrappingKeys(() => keySource(siteDirectory)),
    ),
    language,
    clock: systemClock,
    control: controlSocket(stateOf(siteDirectory)),
    makeRunner: (blob, events, where) =>
      makeRunner(
        { siteDir: siteDirectory, blob, events, schema: (schema) => language.schema(schema) },
        where,
      ),
    makeExecutor: (notice, where) => makeExecutor(siteDirectory, notice, where),
    rehearseAside: (request) => rehearseAside({ siteDirectory, request }),
    holder: HOLDER,
  }
}

async function serve(request: ServeRequest): Promise<Answer<ServedSite>> {
  const { makeAccess } = await import('./api/access/access.ts')
  const { makeServerKey } = await import('./api/access/credentials.ts')
  const { mayListen } = await import('./api/may-listen.ts')
  const { openingOf } = await import('./api/opening.ts')
  const { forgetPlace, tellPlace } = await import('./api/server-place.ts')
  const { startServer } = await import('./api/server.ts')
  const { serveSite } = await import('./engine/serve-site.ts')
  const { loadServerSettings } = await import('./content/load-server.ts')
  const { systemClock } = await import('./engine/clock.ts')
  const { directory } = request
  const loaded = await loadServerSettings(directory)
  if (!loaded.ok)
    return refuse({
      code: 'invalidSite',
      message: 'server.yaml cannot be used as it is',
      faults: loaded.faults,
    })
  const { settingsSecrets } = await import('./content/settings-secret.ts')
  const readSecret = settingsSecrets(process.env)
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
  const opened = await serveSite({ ...siteParts, store: journal.store }, request)
  if (!opened.ok) return opened
  const serving = opened.value
  serving.watch(({ feed }) => feed.forEach((one) => request.onFeed(one)))
  if (!existsSync(join(HOME, 'web', 'dist', 'index.html')))
    request.onFeed({
      kind: 'notice',
      message: 'the page was not built: npm run build:web builds it',
      at: systemClock.now(),
    })
  const instance = randomUUID()
  const key = makeServerKey()
  const access = makeAccess({
    serving,
    settings,
    keyHash: key.hash,
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
  })
  if (!observing.ok) {
    await access.close()
    await serving.close()
    return observing
  }
  const { watch, metrics, hooks } = observing.value
  const page = join(HOME, 'web', 'dist')
  if (!existsSync(join(page, 'index.html')))
    process.stderr.write(
      'anneal: the page was not built, only the API answers; npm run build:web builds it\n',
    )
  const server = await startServer({
    serving,
    version: VERSION,
    instance,
    listen,
    access,
    ...(tls && { tls }),
    page,
    transcriptPath: (run) => transcriptPath(directory, run),
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
    },
  })
}

async function trail(siteDirectory: string): Promise<TrailDoor> {
  const { exportTrail, verifyTrail } = await import('./journal/trail.ts')
  const { verifyExportFile } = await import('./journal/exported-trail.ts')
  const state = stateOf(siteDirectory)
  return {
    verify: (anchor) => verifyTrail(state, VERSION, anchor),
    verifyExport: (file, anchor) => verifyExportFile(file, anchor),
    export: () => exportTrail(state, VERSION),
  }
}

async function signInLink(siteDirectory: string): Promise<Answer<{ url: string; endsAt: number }>> {
  const { findServer } = await import('./client/find-server.ts')
  const { jsonInit, request } = await import('./client/request.ts')
  const found = await findServer(stateOf(siteDirectory), world.user)
  if (!found?.ok)
    return refuse({
      code: 'nothingUnderWay',
      message: 'no server of this site runs here; anneal serve starts one',
    })
  return request(found.value.connection, '/api/v1/links', jsonInit('POST', {}))
}

async function openPage(siteDirectory: string, url: string): Promise<boolean> {
  const { openInBrowser } = await import('./client/open-in-browser.ts')
  return openInBrowser(url, join(stateOf(siteDirectory), 'sign-in.html'), process.env)
}

async function readSite(directory: string): Promise<Answer<SiteNow>> {
  const loaded = await world.loadSite(directory)
  if (loaded.ok) return answer({ site: loaded.site, content: loaded.content })
  return refuse({ code: 'invalidSite', message: 'the files of the site have faults', faults: loaded.faults })
}

interface Rehearsing {
  siteDirectory: string
  request: RehearsalRequest
}

/** In a thread of its own, which is this file once more. */
async function rehearseAside(workerData: Rehearsing): Promise<Answer<RehearsalReport>> {
  const worker = new Worker(new URL(import.meta.url), { workerData })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread that rehearses ended with ${code}`)))
  })
}

async function rehearseHere({ siteDirectory, request }: Rehearsing): Promise<void> {
  const operations = await openOperations(siteDirectory)
  parentPort?.postMessage(await operations.rehearse(request))
  await operations.close()
}

async function vaultSettings(siteDirectory: string): Promise<Answer<VaultSettings>> {
  const read = await secretsSettings(siteDirectory)
  return read.ok ? { ok: true, value: read.value.vault ?? {} } : read
}

/** Asked for when something is sealed, or is to be: most questions to most sites need no key. */
async function keySource(siteDirectory: string): Promise<Answer<KeySource>> {
  const { KEY_PLACE, keySourceAt } = await import('./secrets/key-place.ts')
  const read = await secretsSettings(siteDirectory)
  return read.ok ? { ok: true, value: keySourceAt(read.value.key ?? KEY_PLACE, siteDirectory) } : read
}

async function secretsSettings(siteDirectory: string): Promise<Answer<SecretsSettings>> {
  const { readSecrets } = await import('./content/read-secrets.ts')
  const read = await readSecrets(siteDirectory)
  if (read.ok) return { ok: true, value: read.settings }
  const message = 'secrets: of anneal.yaml cannot be read, which says where keys and secrets are'
  return { ok: false, refusal: { code: 'invalidSite', message, faults: read.faults } }
}

async function makeRunner(
  parts: Pick<LocalRunnerOptions, 'siteDir' | 'blob' | 'events' | 'schema'>,
  where?: Aside,
): Promise<Runner> {
  const { LocalRunner } = await import('./runner/local-runner.ts')
  const { localTransport } = await import('./transports/local.ts')
  const { ownerOf } = await import('./transports/slot.ts')
  const { sshTransport } = await import('./transports/ssh.ts')
  const { scriptDriver } = await import('./drivers/script.ts')
  const { followReferences } = await import('./secrets/references.ts')
  const { makeRenderer } = await import('./content/renderer.ts')
  const { siteDir } = parts
  const owner = ownerFor(ownerOf(siteDir), where)
  return new LocalRunner({
    ...parts,
    transports: [sshTransport({ siteDir, owner }), localTransport({ owner })],
    drivers: [scriptDriver()],
    render: makeRenderer(),
    resolve: followReferences({ siteDir, env: process.env, vault: () => vaultSettings(siteDir) }),
  })
}

async function makeExecutor(
  siteDir: string,
  notice: (node: string, message: string) => void,
  where?: Aside,
): Promise<Executor> {
  const { LocalExecutor } = await import('./runner/local-executor.ts')
  const { localTransport } = await import('./transports/local.ts')
  const { ownerOf } = await import('./transports/slot.ts')
  const { sshTransport } = await import('./transports/ssh.ts')
  const owner = ownerFor(ownerOf(siteDir), where)
  return new LocalExecutor({
    siteDir,
    transports: [sshTransport({ siteDir, owner }), localTransport({ owner })],
    notice,
  })
}

/** With an owner of its own it ends nothing that another one of this site has under way. */
function ownerFor(owner: string, where: Aside | undefined): string {
  return where === 'aside' ? `${owner} aside ${process.pid} ${++made.asides}` : owner
}
