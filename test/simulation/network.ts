// The simulated network: sessions between a runner's process and hosts, over which messages come late or never.
import type { NodeAddress, NodeFault } from '../../src/model/run.ts'
import type { Session, Work, WorkResult } from '../../src/model/work.ts'
import type { Opened, OpenOptions, Transport } from '../../src/transports/transport.ts'
import type { FarEnd, Host } from './hosts.ts'
import type { Stage } from './stage.ts'

export interface Network {
  stage: Stage
  hostAt(address: NodeAddress): Host
  /** Calls back when the process that these connections are of has died. */
  onDeath(what: () => void): void
  isAlive(): boolean
}

/** After so long without a sign of life a connection is held to be gone. */
const SILENCE_MS = 15_000
/** What cannot be sent now is sent again. */
const RESEND_MS = 1_000
const PATIENCE_MS = 15_000

export function simulatedTransports(network: Network): Transport[] {
  const open: Transport['open'] = (node, options) => openSession(network, node, options)
  return [
    { kind: 'ssh', open },
    { kind: 'local', open },
  ]
}

async function openSession(network: Network, node: NodeAddress, options: OpenOptions): Promise<Opened> {
  const host = network.hostAt(node)
  if (!(await pause(network, host.latency(), options.signal))) return cancelled(node)
  if (!isReachable(host)) {
    if (!(await pause(network, options.connectTimeoutMs, options.signal))) return cancelled(node)
    return { ok: false, fault: { code: 'unreachable', message: `${node.name} does not answer` } }
  }
  if (host.denied)
    return { ok: false, fault: { code: 'accessDenied', message: `${node.name} does not let us in` } }
  return { ok: true, session: new NearEnd(network, node.name, host) }
}

/** False when it was cut short. Never comes back in a process that has died. */
function pause(network: Network, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false)
    const stop = network.stage.time.after(ms, () => {
      signal.removeEventListener('abort', onAbort)
      if (network.isAlive()) resolve(true)
    })
    const onAbort = (): void => {
      stop()
      resolve(false)
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

interface Job {
  work: Work
  signal: AbortSignal
  resolve(result: WorkResult): void
  /** Why it is ended early. */
  stop: NodeFault | undefined
}

class NearEnd implements Session {
  readonly node: string
  readonly lost: Promise<NodeFault>
  readonly traffic = { roundTrips: 0, bytesSent: 0, contentBytesSent: 0 }
  readonly #network: Network
  readonly #host: Host
  readonly #far: FarEnd
  readonly #queue: Job[] = []
  readonly #unwatch: () => void
  #job: Job | undefined
  #gone: NodeFault | undefined
  #lose!: (fault: NodeFault) => void
  #stopWaiting: (() => void) | undefined

  constructor(network: Network, node: string, host: Host) {
    this.node = node
    this.#network = network
    this.#host = host
    this.#far = host.greet()
    this.lost = new Promise((resolve) => {
      this.#lose = resolve
    })
    this.#unwatch = host.watch(() => this.#look())
    network.onDeath(() => this.#leave())
  }

  carryOut(work: Work, signal: AbortSignal): Promise<WorkResult> {
    return new Promise((resolve) => {
      const job: Job = { work, signal, resolve, stop: undefined }
      this.#queue.push(job)
      this.#next()
    })
  }

  carryOutTogether(works: readonly Work[], signal: AbortSignal): Promise<WorkResult[]> {
    return Promise.all(works.map((work) => this.carryOut(work, signal)))
  }

  async close(): Promise<void> {
    if (this.#gone) return
    this.#gone = { code: 'cancelled', message: 'the connection was closed' }
    this.#leave()
    this.#end({ result: 'fault', fault: this.#gone, sent: true, durationMs: 0 })
  }

  #next(): void {
    if (this.#job) return
    const job = this.#queue.shift()
    if (!job) return
    const refused = this.#gone ?? (job.signal.aborted ? CANCELLED : undefined)
    if (refused) {
      job.resolve({ result: 'fault', fault: refused, sent: false, durationMs: 0 })
      return this.#next()
    }
    this.#job = job
    this.traffic.roundTrips++
    const onAbort = (): void => this.#stop(job, CANCELLED)
    job.signal.addEventListener('abort', onAbort, { once: true })
    const late = this.#after(job.work.deadlineMs, () => this.#stop(job, DEADLINE))
    this.#toFar(() => {
      this.#host.begin(this.#far, job.work, (result) =>
        this.#fromFar(() => {
          late()
          job.signal.removeEventListener('abort', onAbort)
          if (this.#job === job) this.#end(this.#garbled(result))
        }),
      )
    })
  }

  /** The far end is told to end it; when no word comes back, the connection is given up. */
  #stop(job: Job, why: NodeFault): void {
    if (this.#job !== job || job.stop) return
    job.stop = why
    const result: WorkResult = { result: 'fault', fault: why, sent: true, durationMs: 0 }
    this.#toFar(() => {
      this.#host.abort(this.#far)
      this.#fromFar(() => {
        if (this.#job === job) this.#end(result)
      })
    })
    this.#after(PATIENCE_MS, () => {
      if (this.#job === job) this.#gives(LOST)
    })
  }

  #end(result: WorkResult): void {
    const job = this.#job
    this.#job = undefined
    job?.resolve(result)
    this.#next()
  }

  /** What makes no sense at all costs the connection, too. */
  #garbled(result: WorkResult): WorkResult {
    if (!this.#host.answersGarbage || result.durationMs % 2 === 0) return result
    const fault: NodeFault = { code: 'garbled', message: `${this.node} does not keep to the protocol` }
    this.#gone = fault
    this.#leave()
    this.#lose(fault)
    return { result: 'fault', fault, sent: true, durationMs: 0 }
  }

  /** The connection is over: here it is known now, over there maybe later. */
  #gives(fault: NodeFault): void {
    if (this.#gone) return
    this.#gone = fault
    this.#leave()
    this.#lose(fault)
    this.#end({ result: 'fault', fault: this.#job?.stop ?? fault, sent: true, durationMs: 0 })
  }

  #leave(): void {
    this.#unwatch()
    this.#stopWaiting?.()
    const { stage } = this.#network
    stage.time.after(this.#host.latency(), () => {
      // A farewell that gets lost leaves the far end at work.
      if (isListening(this.#host)) this.#host.hangUp(this.#far)
    })
  }

  #look(): void {
    if (isReachable(this.#host) && this.#far.alive) {
      this.#stopWaiting?.()
      this.#stopWaiting = undefined
      return
    }
    // A host that came up again does not know this connection.
    const wait = isReachable(this.#host) ? this.#host.latency() : SILENCE_MS
    if (this.#stopWaiting && wait === SILENCE_MS) return
    this.#stopWaiting?.()
    this.#stopWaiting = this.#after(wait, () => this.#gives(LOST))
  }

  #toFar(arrive: () => void): void {
    this.#send(() => isListening(this.#host) && this.#far.alive, arrive)
  }

  #fromFar(arrive: () => void): void {
    this.#send(() => this.#host.power === 'up' && !this.#host.cut.from, arrive)
  }

  #send(mayPass: () => boolean, arrive: () => void): void {
    this.#after(this.#host.latency(), () => {
      if (mayPass()) arrive()
      else if (!this.#gone) this.#after(RESEND_MS, () => this.#send(mayPass, arrive))
    })
  }

  #after(ms: number, what: () => void): () => void {
    return this.#network.stage.time.after(ms, () => {
      if (this.#network.isAlive()) what()
    })
  }
}

const CANCELLED: NodeFault = { code: 'cancelled', message: 'the run was cancelled' }
const DEADLINE: NodeFault = { code: 'deadline', message: 'it was not done in time and was ended' }
const LOST: NodeFault = { code: 'connectionLost', message: 'the connection was lost' }

function cancelled(node: NodeAddress): Opened {
  return { ok: false, fault: { code: 'cancelled', message: `opening ${node.name} was cancelled` } }
}

function isListening(host: Host): boolean {
  return host.power === 'up' && !host.cut.to
}

function isReachable(host: Host): boolean {
  return isListening(host) && !host.cut.from
}
