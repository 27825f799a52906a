// The runner in this process: carries out runs over kept connections and reports each once.
import type { Json } from '../base/json.ts'
import type { Driver, Rendered, Surroundings } from '../drivers/driver.ts'
import type { CheckOrder, CheckOutcome, CheckPart, Finding } from '../model/drift.ts'
import { NO_NODE } from '../model/names.ts'
import {
  type ContactOutcome,
  LOGINS_AT_ONCE,
  type NodeAddress,
  type NodeFault,
  type RunId,
  type RunOrder,
  type RunOutcome,
} from '../model/run.ts'
import type { ResolveSecret } from '../model/secret-reference.ts'
import type { Session } from '../model/work.ts'
import type { Transport } from '../transports/transport.ts'
import { Connections, SILENT_AFTER_MS } from './connections.ts'
import { gatherFacts } from './facts.ts'
import type { Runner, RunnerEvents } from './runner.ts'
import { withSecrets } from './secrets.ts'
import { type TranscriptFile, TranscriptWriter } from './transcript.ts'

export interface LocalRunnerOptions {
  /** Transcripts go to `.anneal/runs/` in it. */
  siteDir: string
  transports: readonly Transport[]
  drivers: readonly Driver[]
  blob(digest: string): Promise<Uint8Array | undefined>
  /** The same one each time, so that what it gave can be kept. */
  render: (template: string, path: string, scope: Record<string, unknown>) => Rendered
  schema(schema: Json): (value: Json) => string | undefined
  resolve?: ResolveSecret
  events: RunnerEvents
  limits?: Partial<RunnerLimits>
  openTranscript?: (path: string) => Promise<TranscriptFile>
  transcriptSoon?: boolean
}

export interface RunnerLimits {
  logins: number
  connectTimeoutMs: number
  silentAfterMs: number
  transcriptBytes: number
  factsDeadlineMs: number
}

const RUNNER_LIMITS: RunnerLimits = {
  logins: LOGINS_AT_ONCE,
  connectTimeoutMs: 10_000,
  silentAfterMs: SILENT_AFTER_MS,
  transcriptBytes: 100 * 1024 * 1024,
  factsDeadlineMs: 30_000,
}

/** Runs that are `per: deployment` are carried out here. */
const HERE: NodeAddress = { name: NO_NODE, transport: { kind: 'local' } }

export class LocalRunner implements Runner {
  #options: LocalRunnerOptions
  #limits: RunnerLimits
  #connections: Connections
  #runs = new Map<RunId, { node: string; abort: AbortController; done: Promise<void> }>()
  #checks = new Map<string, Promise<void>>()
  #contacts = new Set<Promise<void>>()
  #closing = new AbortController()

  constructor(options: LocalRunnerOptions) {
    this.#options = options
    this.#limits = { ...RUNNER_LIMITS, ...options.limits }
    this.#connections = new Connections({
      transports: options.transports,
      connectTimeoutMs: this.#limits.connectTimeoutMs,
      silentAfterMs: this.#limits.silentAfterMs,
      logins: this.#limits.logins,
      notice: (node, message) => options.events.notice(node, message),
      lost: (node) => this.#connectionLost(node),
    })
  }

  start(order: RunOrder): void {
    const node = (order.node ?? HERE).name
    const abort = new AbortController()
    const done = this.#reportRun(order, AbortSignal.any([abort.signal, this.#closing.signal]))
    this.#runs.set(order.run, { node, abort, done })
  }

  cancel(run: RunId): void {
    this.#runs.get(run)?.abort.abort()
  }

  check(order: CheckOrder): void {
    const { name } = order.node
    const done = this.#reportCheck(order).finally(() => this.#checks.delete(name))
    this.#checks.set(name, done)
  }

  contact(node: NodeAddress): void {
    const contact = this.#reportContact(node).finally(() => this.#contacts.delete(contact))
    this.#contacts.add(contact)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const runs = [...this.#runs.values()].map(({ done }) => done)
    await Promise.all([...runs, ...this.#checks.values(), ...this.#contacts])
    await this.#connections.close()
  }

  async #carryOut(order: RunOrder, signal: AbortSignal): Promise<RunOutcome> {
    const startedAt = performance.now()
    const node = order.node ?? HERE
    const transcript = new TranscriptWriter({
      siteDir: this.#options.siteDir,
      run: order.run,
      mostBytes: this.#limits.transcriptBytes,
      onFault: (message) => this.#options.events.notice(node.name, message),
      ...(this.#options.openTranscript === undefined
        ? {}
        : { open: this.#options.openTranscript, soon: this.#options.transcriptSoon ?? false }),
    })
    transcript.note(`${order.run} ${order.action} ${order.nodeRole}`)
    let outcome: RunOutcome
    try {
      outcome = await this.#drive(order, node, transcript, signal)
    } catch (error) {
      outcome = { result: 'fault', fault: internalFault(error), durationMs: performance.now() - startedAt }
    }
    await transcript.end(outcomeInWords(outcome))
    return outcome
  }

  async #drive(
    order: RunOrder,
    node: NodeAddress,
    transcript: TranscriptWriter,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    const driver = this.#options.drivers.find(({ kind }) => kind === order.role.driver)
    if (driver === undefined) {
      const message = `this runner has no driver ${order.role.driver}`
      return { result: 'failed', message, tail: '', retry: false, durationMs: 0 }
    }
    const startedAt = performance.now()
    const secret = await this.#bring(order, signal)
    if (!secret.ok) return { result: 'fault', fault: secret.fault, durationMs: performance.now() - startedAt }
    const surroundings = this.#surroundings((stream, bytes) => transcript.add(stream, bytes), signal)
    const driven = await this.#onConnection(node, signal, async (session) => {
      const outcome = await driver.carryOut(secret.with, session, surroundings)
      return { result: outcome, ...(outcome.result === 'fault' ? { fault: outcome.fault } : {}) }
    })
    if ('result' in driven) return driven.result
    return { result: 'fault', fault: driven.fault, durationMs: performance.now() - startedAt }
  }

  /** Once more on a new connection when the old one turned out to be dead before anything was sent. */
  async #onConnection<T>(
    node: NodeAddress,
    signal: AbortSignal,
    use: (session: Session) => Promise<{ result: T; fault?: NodeFault }>,
  ): Promise<{ result: T } | { fault: NodeFault }> {
    for (let again = false; ; again = true) {
      const opened = await orAborted(this.#connections.open(node), signal)
      if (opened === 'aborted') return { fault: CANCELLED }
      if (!opened.ok) return { fault: opened.fault }
      const watched = watchSent(opened.session)
      const used = await use(watched.session)
      const isDeadConnection = used.fault?.code === 'connectionLost' && watched.nothingSent()
      if (!isDeadConnection || again) return { result: used.result }
    }
  }

  #surroundings(log: Surroundings['log'], signal: AbortSignal): Surroundings {
    return {
      blob: (digest) => this.#options.blob(digest),
      render: this.#options.render,
      schema: (schema) => this.#options.schema(schema),
      log,
      signal,
    }
  }

  /** What scripts print is told with what they find, by its last lines; there is no transcript of a check. */
  async #lookAt(order: CheckOrder): Promise<CheckOutcome> {
    const startedAt = performance.now()
    const signal = this.#closing.signal
    const surroundings = this.#surroundings(() => {}, signal)
    const findings: Finding[] = []
    try {
      const ready: CheckPart[] = []
      for (const part of order.parts) {
        const secret = await this.#bring(part, signal)
        if (secret.ok) ready.push(secret.with)
        else {
          const { message } = secret.fault
          findings.push({ nodeRole: part.nodeRole, found: 'unknown', message, fault: secret.fault })
        }
      }
      for (const [driver, parts] of this.#byDriver(ready)) {
        const told = await this.#onConnection(order.node, signal, async (session) => {
          const checked = await driver.check({ ...order, parts }, session, surroundings)
          return { result: checked, ...(checked.ok ? {} : { fault: checked.fault }) }
        })
        const fault = 'fault' in told ? told.fault : told.result.ok ? undefined : told.result.fault
        if (fault) return { result: 'fault', fault, durationMs: performance.now() - startedAt }
        if ('result' in told && told.result.ok) findings.push(...told.result.findings)
      }
    } catch (error) {
      return { result: 'fault', fault: internalFault(error), durationMs: performance.now() - startedAt }
    }
    return { result: 'done', findings, durationMs: performance.now() - startedAt }
  }

  /** Ended with whoever waits for it. */
  async #bring<T extends RunOrder | CheckPart>(
    asking: T,
    signal: AbortSignal,
  ): ReturnType<typeof withSecrets<T>> {
    const { resolve } = this.#options
    const schema: LocalRunnerOptions['schema'] = (of) => this.#options.schema(of)
    const brought = await orAborted(withSecrets(asking, { resolve, schema, signal }), signal)
    return brought === 'aborted' ? { ok: false, fault: CANCELLED } : brought
  }

  #byDriver(parts: readonly CheckPart[]): Map<Driver, CheckPart[]> {
    const byDriver = new Map<Driver, CheckPart[]>()
    for (const part of parts) {
      const driver = this.#options.drivers.find(({ kind }) => kind === part.role.driver)
      if (driver) byDriver.set(driver, [...(byDriver.get(driver) ?? []), part])
    }
    return byDriver
  }

  async #reportCheck(order: CheckOrder): Promise<void> {
    const outcome = await this.#lookAt(order)
    const { check, token, node } = order
    this.#options.events.report({ kind: 'reportCheck', check, token, node: node.name, outcome })
  }

  async #reportRun(order: RunOrder, signal: AbortSignal): Promise<void> {
    const outcome = await this.#carryOut(order, signal)
    this.#runs.delete(order.run)
    this.#options.events.report({ kind: 'reportRun', run: order.run, token: order.token, outcome })
  }

  async #reportContact(node: NodeAddress): Promise<void> {
    const outcome = await this.#contact(node)
    this.#options.events.report({ kind: 'reportContact', node: node.name, outcome })
  }

  async #contact(node: NodeAddress): Promise<ContactOutcome> {
    try {
      const opened = await this.#connections.open(node)
      if (!opened.ok) return { result: 'fault', fault: opened.fault }
      const openedAt = performance.now()
      const looked = await gatherFacts(opened.session, this.#limits.factsDeadlineMs, this.#closing.signal)
      if (looked.result === 'fault') return looked
      return { ...looked, durationMs: Math.round(opened.loginMs + performance.now() - openedAt) }
    } catch (error) {
      return { result: 'fault', fault: internalFault(error) }
    }
  }

  /** With a run or a check in flight its own report says it. */
  #connectionLost(node: string): void {
    const busy = this.#checks.has(node) || [...this.#runs.values()].some((run) => run.node === node)
    if (!busy && !this.#closing.signal.aborted)
      this.#options.events.report({ kind: 'reportConnectionLost', node })
  }
}

const CANCELLED: NodeFault = { code: 'cancelled', message: 'the run was cancelled' }

function internalFault(error: unknown): NodeFault {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'internal', message: `a mistake in Anneal itself: ${said}`, advice: 'Please report it.' }
}

function outcomeInWords(outcome: RunOutcome): string {
  if (outcome.result === 'ok') return 'ok'
  return outcome.result === 'failed'
    ? `failed: ${outcome.message}`
    : `${outcome.fault.code}: ${outcome.fault.message}`
}

/** Drivers see outcomes, not whether a request left the house; this remembers it. */
function watchSent(session: Session): { session: Session; nothingSent(): boolean } {
  let sent = false
  const watched: Session = {
    node: session.node,
    lost: session.lost,
    traffic: session.traffic,
    close: () => session.close(),
    async carryOut(work, signal) {
      const result = await session.carryOut(work, signal)
      if (result.result !== 'fault' || result.sent) sent = true
      return result
    },
    async carryOutTogether(works, signal) {
      const results = await session.carryOutTogether(works, signal)
      if (results.some((result) => result.result !== 'fault' || result.sent)) sent = true
      return results
    },
  }
  return { session: watched, nothingSent: () => !sent }
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | 'aborted'> {
  if (signal.aborted) return 'aborted'
  let onAbort = () => {}
  const aborted = new Promise<'aborted'>((resolve) => {
    onAbort = () => resolve('aborted')
    signal.addEventListener('abort', onAbort, { once: true })
  })
  const first = await Promise.race([promise, aborted])
  signal.removeEventListener('abort', onAbort)
  return first
}
