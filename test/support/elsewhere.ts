// A real server with a desk, over machines that are simulated, and what a runner says to it, right or wrong.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeAccess } from '../../src/api/access/access.ts'
import { makeEnrolment } from '../../src/api/access/credentials.ts'
import { Challenges } from '../../src/api/elsewhere.ts'
import { startServer } from '../../src/api/server.ts'
import { linkTo } from '../../src/client/runner-link.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { serveSite } from '../../src/engine/serve-site.ts'
import type { Serving } from '../../src/engine/serving.ts'
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import { signedText } from '../../src/model/runner-talk.ts'
import { DEFAULT_LIMITS, DEFAULT_LISTEN, DEFAULT_SESSIONS } from '../../src/model/server-settings.ts'
import type { Site } from '../../src/model/site.ts'
import { isPublicKey, isSigned, makeKeyPair, signed } from '../../src/runner/key-pair.ts'
import { ElsewhereExecutor } from '../../src/runner/elsewhere-executor.ts'
import { elsewhereLooks } from '../../src/runner/elsewhere-looks.ts'
import { LeaseDesk } from '../../src/runner/lease-desk.ts'
import { LogKeeper } from '../../src/runner/log-keeper.ts'
import { routedRunner } from '../../src/runner/routed-runner.ts'
import type { Report } from '../../src/runner/runner.ts'
import { instantRunner } from './instant-runner.ts'
import { readShortSite, shortSite } from './short-site.ts'

export type Link = Extract<ReturnType<typeof linkTo>, { ok: true }>['value']
export type Shown = ReturnType<Link['shown']>

export interface ElsewhereApi {
  url: string
  /** Where transcripts of commands are. */
  directory: string
  serving: Serving
  desk: LeaseDesk
  /** As far as they were taken. */
  logs: Map<string, string>
  /** What was asked over HTTP, by its route. */
  requests: string[]
  link(protocol?: number): Link
  /** A one-time token. */
  invite(runner: string, labels?: Record<string, string>): Promise<string>
  /** Enrols and takes a lease. */
  come(runner: string, labels?: Record<string, string>, protocol?: number): Promise<Shown>
  commit(short: string): void
  close(): Promise<void>
}

/** Of real hands and leases; what it is told it passes on. */
export function makeDesk(
  leaseMs: number,
  report: (said: Report) => void,
  logs: Map<string, string>,
): LeaseDesk {
  const language = makeLanguage()
  return new LeaseDesk({
    leaseMs,
    clock: {
      now: () => performance.now(),
      after(ms, wake) {
        const timer = setTimeout(wake, ms)
        return () => clearTimeout(timer)
      },
    },
    report,
    schema: (schema) => language.schema(schema),
    prepare: async (work) => ({ ok: true, work }),
    keepLog: (run) =>
      new LogKeeper({
        path: run,
        mostBytes: 1_000_000,
        open: async () => ({
          writeFile: async (bytes) =>
            void logs.set(run, (logs.get(run) ?? '') + Buffer.from(bytes).toString()),
          close: async () => {},
        }),
      }),
  })
}

export async function elsewhereApi(leaseMs = 60_000): Promise<ElsewhereApi> {
  const language = makeLanguage()
  const logs = new Map<string, string>()
  const requests: string[] = []
  const directory = mkdtempSync(join(tmpdir(), 'anneal-elsewhere-'))
  let report: (report: Report) => void = () => {}
  const desk = makeDesk(leaseMs, (said) => report(said), logs)
  const site: Site = { name: 'site', nodes: {}, deployments: {}, roles: {}, defaults: {} }
  const served = await serveSite(
    {
      store: memoryJournal(),
      language,
      clock: systemClock,
      async makeRunner(blob, events, where) {
        if (where === 'aside')
          return routedRunner(
            instantRunner((said) => events.report(said)),
            elsewhereLooks(desk, blob, events),
          )
        report = (said) => events.report(said)
        desk.open()
        return routedRunner(instantRunner(report), desk)
      },
      makeExecutor: async (notice) => new ElsewhereExecutor({ desk, siteDir: directory, notice }),
      holder: { pid: 1, host: 'here', what: 'a test' },
    },
    {
      now: { site, content: new Map() },
      files: { changed: () => new Promise<never>(() => {}) },
      by: 'server',
    },
  )
  if (!served.ok) throw new Error(served.refusal.message)
  const serving = served.value
  const access = makeAccess({
    serving,
    settings: { listen: DEFAULT_LISTEN, limits: DEFAULT_LIMITS, sessions: DEFAULT_SESSIONS },
    whoWorks: (text) => desk.whoShows(text),
    clock: systemClock,
    log: () => {},
  })
  const server = await startServer({
    serving,
    version: '0.0.0',
    instance: 'a test',
    listen: { host: '127.0.0.1', port: 0 },
    access,
    elsewhere: {
      desk,
      leaseMs,
      owner: 'a test',
      challenges: new Challenges(),
      keys: { isPublicKey, isSigned },
    },
    transcriptPath: (run) => `/nowhere/${run}.log`,
    watch: {
      answered: ({ route }) => void requests.push(route),
      stream: () => {},
      streamed: () => {},
    },
    onMistake(error) {
      throw error
    },
  })
  serving.watch(({ events }) => {
    for (const event of events) if (event.kind === 'runnerRevoked') desk.lose(event.runner, 'it was revoked')
  })
  return { url: server.url, directory, serving, desk, logs, requests, link, invite, come, commit, close }

  function link(protocol?: number): Link {
    const made = linkTo(server.url, protocol)
    if (!made.ok) throw new Error(made.refusal.message)
    return made.value
  }

  async function invite(runner: string, labels: Record<string, string> = {}): Promise<string> {
    const { text, hash } = makeEnrolment(runner)
    const endsAt = Date.now() + 60_000
    const invited = await serving.operations.runners.invite({ runner, labels, hash, endsAt, by: 'ann' })
    if (!invited.ok) throw new Error(invited.refusal.message)
    return text
  }

  async function come(
    runner: string,
    labels: Record<string, string> = {},
    protocol?: number,
  ): Promise<Shown> {
    const keys = makeKeyPair()
    const by = link(protocol)
    const enrolled = await by.enrol({ token: await invite(runner, labels), key: keys.publicKey })
    if (!enrolled.ok) throw new Error(enrolled.refusal.message)
    const lease = await leaseBy(by, runner, keys.privateKey)
    if (!lease.ok) throw new Error(lease.refusal.message)
    return by.shown(lease.value.token)
  }

  function commit(short: string): void {
    void serving.operations.up({
      site: shortSite(readShortSite(short)),
      content: new Map(),
      by: 'ann',
      message: 'a change',
      confirm: async () => true,
      onFeed: () => {},
      signal: new AbortController().signal,
      stay: false,
      written: true,
    })
  }

  async function close(): Promise<void> {
    await access.close()
    await serving.close()
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

export async function leaseBy(link: Link, runner: string, privateKey: string) {
  const asked = await link.challenge(runner)
  if (!asked.ok) return asked
  const { challenge } = asked.value
  const signature = signed(signedText(runner, challenge), privateKey)
  return link.lease({ runner, challenge, signature, slots: 4, version: '0.0.0' })
}
