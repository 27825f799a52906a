// The runner in this process: carries out runs over kept connections and reports each once.
import type { Json } from '../base/json.ts'
import type { Driver, Rendered } from '../drivers/driver.ts'
import { NO_NODE } from '../model/names.ts'
import type { ContactOutcome, NodeAddress, NodeFault, RunId, RunOrder, RunOutcome } from '../model/run.ts'
import type { Session } from '../model/work.ts'
import type { Transport } from '../transports/transport.ts'
import { Connections } from './connections.ts'
import { gatherFacts } from './facts.ts'
import type { Runner, RunnerEvents } from './runner.ts'
import { type TranscriptFile, TranscriptWriter } from './transcript.ts'

export interface LocalRunnerOptions {
  /** Transcripts go to `.anneal/runs/` in it. */
  siteDir: string
  transports: readonly Transport[]
  drivers: readonly Driver[]
  blob(digest: string): Promise<Uint8Array | undefined>
  render(template: string, path: string, scope: Record<string, unknown>): Rendered
  schema(schema: Json): (value: Json) => string | undefined
  events: RunnerEvents
  limits?: Partial<RunnerLimits>
  openTranscript?: (path: string) => Promise<TranscriptFile>
}

export interface RunnerLimits {
  logins: number
  connectTimeoutMs: number
  transcriptBytes: number
  factsDeadlineMs: number
}

const RUNNER_LIMITS: RunnerLimits = {
  logins: 16,
  connectTimeoutMs: 10_000,
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
  #contacts = new Set<Promise<void>>()
  #closing = new AbortController()

  constructor(options: LocalRunnerOptions) {
    this.#options = options
    this.#limits = { ...RUNNER_LIMITS, ...options.limits }
    this.#connections = new Connections({
      transports: options.transports,
      connectTimeoutMs: this.#limits.connectTimeoutMs,
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

  contact(node: NodeAddress): void {
    const contact = this.#reportContact(node).finally(() => this.#contacts.delete(contact))
    this.#contacts.add(contact)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all([...[...this.#runs.values()].map(({ done }) => done), ...this.#contacts])
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
      ...(this.#options.openTranscript === undefined ? {} : { open: this.#options.openTranscript }),
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

  /** Once more on a new connection when the old one turned out to be dead before anything was sent. */
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
    for (let again = false; ; again = true) {
      const startedAt = performance.now()
      const opened = await orAborted(this.#connections.open(node), signal)
      if (opened === 'aborted')
        return { result: 'fault', fault: CANCELLED, durationMs: performance.now() - startedAt }
      if (!opened.ok)
        return { result: 'fault', fault: opened.fault, durationMs: performance.now() - startedAt }
      const watched = watchSent(opened.session)
      const outcome = await driver.carryOut(order, watched.session, {
        blob: (digest) => this.#options.blob(digest),
        render: (template, path, scope) => this.#options.render(template, path, scope),
        schema: (schema) => this.#options.schema(schema),
        log: (stream, bytes) => transcript.add(stream, bytes),
        signal,
      })
      const isDeadConnection =
        outcome.result === 'fault' && outcome.fault.code === 'connectionLost' && watched.nothingSent()
      if (!isDeadConnection || again) return outcome
    }
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
      return await gatherFacts(opened.session, this.#limits.factsDeadlineMs, this.#closing.signal)
    } catch (error) {
      return { result: 'fault', fault: internalFault(error) }
    }
  }

  /** With a run in flight its own report says it. */
  #connectionLost(node: string): void {
    const busy = [...this.#runs.values()].some((run) => run.node === node)
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
