// Our end of a session: opens a loop over a wire, carries out work one after the other, and knows what it has lost.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { NodeFault } from '../model/run.ts'
import type { OutputStream, Session, Traffic, Work, WorkResult } from '../model/work.ts'
import { boot } from './boot.ts'
import { addressed, Exchange, speaking, type Stop } from './exchange.ts'
import { type Frame, FrameReader } from './frames.ts'
import { deadlineFault, faultFrom, type Greeting, greetingFault, isCut, SUDO_ADVICE } from './loop-faults.ts'
import { Placed } from './placed.ts'
import { inPieces, mayBeTogether, messageOf, requestOf, scriptId, type Sent } from './request.ts'
import type { Opened } from './transport.ts'
import type { Wire, WireEnd } from './wire.ts'

export interface LoopOptions {
  node: string
  /** One per site and node: the far end ends what an earlier session with it left behind. */
  slot: string
  signal: AbortSignal
  /** For the login and the start of the loop together. */
  openTimeoutMs: number
  /** Between TERM and KILL. */
  graceSeconds: number
  /** Why the wire ended, from what was said on it outside of runs. */
  explain(end: WireEnd, talk: Talk, phase: 'opening' | 'open'): NodeFault | Promise<NodeFault>
  /** A last look before the session is handed out, e.g. at warnings on stderr. */
  accept?(talk: Talk): Promise<NodeFault | undefined>
}

/** The last of what came outside of runs: banners, noise of a login, complaints of ssh and sudo. */
export interface Talk {
  stdout: string
  stderr: string
}

type Level = 0 | 1

interface Job {
  works: readonly Work[]
  signal: AbortSignal
  resolve(results: WorkResult[]): void
}

/** How long after KILL we wait for word before we take the far end for lost. */
const PATIENCE_MS = 10_000
/** For what is still in the streams of a wire whose process is gone. */
const LEFT_TO_READ_MS = 2_000
const MOST_TALK = 16 * 1024
/** Of those that the far end says it has; as many again may be sent by us. */
const MOST_SCRIPTS_KNOWN = 1_000

export async function openLoop(wire: Wire, options: LoopOptions): Promise<Opened> {
  const session = new LoopSession(wire, options)
  const fault = await session.open()
  if (fault === undefined) return { ok: true, session }
  await session.abandon()
  return { ok: false, fault }
}

class LoopSession implements Session {
  readonly node: string
  readonly traffic: Traffic = { roundTrips: 0, bytesSent: 0, contentBytesSent: 0 }
  readonly lost: Promise<NodeFault>
  #wire: Wire
  #options: LoopOptions
  #nonce = randomBytes(16).toString('hex')
  #id = randomBytes(6).toString('hex')
  #lose!: (fault: NodeFault) => void
  /** Why we cut the wire ourselves. */
  #why: NodeFault | undefined
  #gone: NodeFault | undefined
  #closing = false
  #ended: Promise<void>
  #jobs: Job[] = []
  #busy = false
  #level: Level = 0
  #uid: [number | undefined, number | undefined] = [undefined, undefined]
  #scripts: [Set<string>, Set<string>] = [new Set(), new Set()]
  #placed = new Placed()
  /** What was sent together, in the order in which it is carried out. */
  #exchanges: Exchange[] = []
  #seq = 0
  #greet: ((greeting: Greeting) => void) | undefined
  #downOnStderr: (() => void) | undefined
  #talk: Talk = { stdout: '', stderr: '' }
  #saying: Promise<void> = Promise.resolve()

  constructor(wire: Wire, options: LoopOptions) {
    this.node = options.node
    this.#wire = wire
    this.#options = options
    this.lost = new Promise((resolve) => {
      this.#lose = resolve
    })
    this.#ended = this.#listen()
  }

  /** The fault, when the loop cannot be had. */
  async open(): Promise<NodeFault | undefined> {
    const { signal, openTimeoutMs } = this.#options
    const timeout = AbortSignal.timeout(openTimeoutMs)
    const stop = AbortSignal.any([signal, timeout])
    const greeting = await this.#start(0, stop)
    if (greeting.is === 'ready') {
      const refused = await this.#options.accept?.(this.#talk)
      if (refused !== undefined) return refused
      return greeting.leftAsRoot ? this.#endWhatWasLeft(stop) : undefined
    }
    if (greeting.is === 'lost' && stop.aborted && this.#gone === undefined) {
      if (signal.aborted)
        return { code: 'cancelled', message: `opening the connection to ${this.node} was cancelled` }
      return this.#options.explain({ how: 'signal', signal: 'SIGKILL' }, this.#talk, 'opening')
    }
    return this.#faultOf(greeting)
  }

  async carryOut(work: Work, signal: AbortSignal): Promise<WorkResult> {
    const [result] = await this.carryOutTogether([work], signal)
    return result as WorkResult
  }

  carryOutTogether(works: readonly Work[], signal: AbortSignal): Promise<WorkResult[]> {
    return new Promise((resolve) => {
      const onAbort = () => this.#withdraw(job)
      const job: Job = {
        works,
        signal,
        resolve: (results) => {
          signal.removeEventListener('abort', onAbort)
          resolve(results)
        },
      }
      this.#jobs.push(job)
      signal.addEventListener('abort', onAbort, { once: true })
      void this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closing = true
    // The end of stdin ends the loop over there, and a run in flight with it.
    this.#wire.stdin.end('\nbye\n')
    const timer = setTimeout(() => this.#wire.kill(), this.#gone === undefined ? this.#patienceMs() : 0)
    await this.#ended
    clearTimeout(timer)
  }

  /** Nothing of ours runs over there: there is nothing to wait for. */
  async abandon(): Promise<void> {
    this.#closing = true
    this.#wire.kill()
    await this.#ended
  }

  // --- Work --------------------------------------------------------------------------------------------------------------

  async #next(): Promise<void> {
    if (this.#busy) return
    const job = this.#jobs.shift()
    if (job === undefined) return
    this.#busy = true
    const results = await this.#all(job)
    this.#busy = false
    job.resolve(results)
    void this.#next()
  }

  #withdraw(job: Job): void {
    const at = this.#jobs.indexOf(job)
    if (at < 0) return
    this.#jobs.splice(at, 1)
    job.resolve(job.works.map(() => this.#notSent(this.#cancelled())))
  }

  /** What the shell that is up can do goes first: changing it is a round trip. */
  async #all({ works, signal }: Job): Promise<WorkResult[]> {
    const results: WorkResult[] = []
    for (const level of [this.#level, this.#level === 0 ? 1 : 0] as const) {
      const places = [...works.keys()].filter((place) => this.#levelOf(works[place]) === level)
      const mine = places.map((place) => works[place] as Work)
      const done = mine.length > 0 ? await this.#together(level, mine, signal) : []
      for (const [at, place] of places.entries()) results[place] = done[at] as WorkResult
    }
    return results
  }

  #levelOf(work: Work | undefined): Level {
    return work?.become && this.#uid[0] !== 0 ? 1 : 0
  }

  async #together(level: Level, works: readonly Work[], signal: AbortSignal): Promise<WorkResult[]> {
    if (works.length > 1 && !works.every(mayBeTogether)) {
      const results: WorkResult[] = []
      for (const work of works) results.push(...(await this.#together(level, [work], signal)))
      return results
    }
    const none = (fault: NodeFault): WorkResult[] => works.map(() => this.#notSent(fault))
    if (this.#gone !== undefined || this.#closing) return none(this.#gone ?? this.#cancelled())
    if (signal.aborted) return none(this.#cancelled())
    const refused = await this.#switchTo(level, signal)
    if (refused !== undefined) return none(refused)
    const requests: Sent[] = []
    const answers = works.map((work): Exchange | WorkResult => {
      const request = this.#request(work, works.length > 1)
      if (!request.ok)
        return { result: 'refused', message: request.message, retry: false, files: [], durationMs: 0 }
      requests.push({ seq: this.#seq, ahead: request.ahead, chunks: request.chunks })
      return new Exchange(this.#seq, work)
    })
    const exchanges = answers.filter((one) => one instanceof Exchange)
    if (exchanges.length > 0) await this.#exchangeAll(exchanges, requests, signal)
    return Promise.all(answers.map(async (one) => (one instanceof Exchange ? one.done : one)))
  }

  #request(work: Work, isOneOfMany: boolean): ReturnType<typeof requestOf> {
    const scripts = this.#scripts[this.#level]
    const known = { hasScript: (id: string) => scripts.has(id), isPlaced: this.#placed.has }
    const request = requestOf(work, { seq: this.#seq + 1, isOneOfMany, ...known })
    if (!request.ok) return request
    this.#seq++
    this.traffic.contentBytesSent += request.contentBytes
    if (work.script !== undefined && scripts.size < 2 * MOST_SCRIPTS_KNOWN) scripts.add(scriptId(work.script))
    return request
  }

  async #exchangeAll(
    exchanges: readonly Exchange[],
    requests: readonly Sent[],
    signal: AbortSignal,
  ): Promise<void> {
    this.#exchanges = [...exchanges]
    const onAbort = () => this.#end(exchanges, { why: 'cancelled', fault: this.#cancelled() })
    signal.addEventListener('abort', onAbort, { once: true })
    this.traffic.roundTrips++
    const said = this.#say(...messageOf(requests))
    for (const exchange of exchanges) {
      exchange.begin()
      const { work } = exchange
      const deadline = setTimeout(
        () => this.#end([exchange], { why: 'deadline', fault: deadlineFault(work) }),
        Math.min(work.deadlineMs, 2 ** 31 - 1),
      )
      const result = await exchange.done
      clearTimeout(deadline)
      this.#placed.remember(work, result)
      if (result.result !== 'done' && work.script !== undefined)
        this.#scripts[this.#level].delete(scriptId(work.script))
    }
    await said
    signal.removeEventListener('abort', onAbort)
    this.#exchanges = []
  }

  /**
   * Over there: TERM to the whole session, KILL after the grace, and none of these is begun any more. When no word comes,
   * the wire is cut.
   */
  #end(exchanges: readonly Exchange[], stop: Stop): void {
    const open = exchanges.filter(
      (one) => one.stop === undefined && this.#exchanges.includes(one) && !one.isDone,
    )
    const last = open.at(-1)
    if (last === undefined) return
    for (const exchange of open) exchange.stop = stop
    void this.#say(Buffer.from(`\nkill ${last.seq} ${this.#options.graceSeconds}\n`))
    const timer = setTimeout(() => this.#wire.kill(), this.#patienceMs())
    void Promise.all(open.map((one) => one.done)).then(() => clearTimeout(timer))
  }

  #give(exchange: Exchange, need: ('script' | number)[]): void {
    this.traffic.roundTrips++
    const message: Uint8Array[] = []
    for (const what of need) {
      const bytes = what === 'script' ? exchange.work.script?.bytes : exchange.work.files[what]?.bytes
      if (bytes === undefined) continue
      this.traffic.contentBytesSent += bytes.length
      message.push(Buffer.from(`give ${what} ${bytes.length}\n`), bytes)
    }
    message.push(Buffer.from('given\n'))
    void this.#say(...message)
  }

  // --- Levels: the login's own loop, and one under sudo on the same wire ------------------------------------------------

  async #switchTo(level: Level, signal: AbortSignal): Promise<NodeFault | undefined> {
    if (level === this.#level) return undefined
    this.traffic.roundTrips++
    if (level === 1) {
      await this.#say(Buffer.from('\nup\n'))
      const greeting = await this.#start(
        1,
        AbortSignal.any([signal, AbortSignal.timeout(this.#options.openTimeoutMs)]),
      )
      if (greeting.is === 'ready') {
        this.#level = 1
        return undefined
      }
      // Half a boot may have been read by a sudo that refused: this ends it, and is skipped where it was not.
      await this.#say(Buffer.from('\n#end\n'))
      if (greeting.is !== 'lost' || this.#gone !== undefined) return this.#faultOf(greeting)
      this.#wire.kill()
      if (signal.aborted) return this.#cancelled()
      return {
        code: 'noSudo',
        message: `sudo on ${this.node} neither refuses nor starts a shell`,
        advice: SUDO_ADVICE,
      }
    }
    const down = this.#awaitGreeting(signal)
    await this.#say(Buffer.from('\ndown\n'))
    const greeting = await down
    if (greeting.is === 'down') {
      this.#level = 0
      return undefined
    }
    this.#wire.kill()
    return this.#faultOf(greeting)
  }

  /** An earlier session left something as root: only root can end it, and nothing starts before. */
  async #endWhatWasLeft(signal: AbortSignal): Promise<NodeFault | undefined> {
    return (await this.#switchTo(1, signal)) ?? (await this.#switchTo(0, signal))
  }

  async #start(level: Level, signal: AbortSignal): Promise<Greeting> {
    const greeting = this.#awaitGreeting(signal)
    const stderrDone = new Promise<void>((resolve) => {
      this.#downOnStderr = resolve
    })
    this.#talk.stderr = ''
    await this.#say(Buffer.from(boot({ nonce: this.#nonce, level, slot: this.#options.slot, id: this.#id })))
    const heard = await greeting
    // What sudo said on stderr stands before this mark there.
    if (heard.is === 'down') await Promise.race([stderrDone, this.#ended])
    if (heard.is === 'ready') this.#uid[level] = heard.uid
    return heard
  }

  #awaitGreeting(signal: AbortSignal): Promise<Greeting> {
    return new Promise((resolve) => {
      const onAbort = () => this.#greet?.({ is: 'lost', fault: this.#gone ?? this.#cancelled() })
      this.#greet = (greeting) => {
        this.#greet = undefined
        signal.removeEventListener('abort', onAbort)
        resolve(greeting)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      if (this.#gone !== undefined || signal.aborted) onAbort()
    })
  }

  #faultOf(greeting: Greeting): NodeFault {
    return greetingFault(this.node, greeting, this.#talk.stderr)
  }

  // --- The wire -----------------------------------------------------------------------------------------------------------

  /** One message after the other: bulk is announced by its length, so nothing may come in between. */
  #say(...message: Uint8Array[]): Promise<void> {
    this.#saying = this.#saying.then(async () => {
      for (const bytes of inPieces(message)) await this.#write(bytes)
    })
    return this.#saying
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.#wire
    if (stdin.destroyed || stdin.writableEnded) return
    this.traffic.bytesSent += bytes.length
    if (!stdin.write(bytes)) await Promise.race([once(stdin, 'drain').catch(() => {}), this.#ended])
  }

  async #listen(): Promise<void> {
    const hear = async (stream: OutputStream, readable: Readable) => {
      try {
        const frames = new FrameReader(this.#nonce)
        for await (const chunk of readable) {
          for (const frame of frames.push(chunk as Uint8Array)) await this.#take(stream, frame)
        }
      } catch (error) {
        // A stream that was cut shows in how the wire ended; all else is about what came over it.
        if (isCut(error)) this.#wire.kill()
        else this.#cut(faultFrom(this.node, error))
      }
    }
    // Somebody else may hold the streams of a process that is gone.
    void this.#wire.ended.then(() => setTimeout(() => this.#wire.kill(), LEFT_TO_READ_MS).unref())
    await Promise.all([hear('stdout', this.#wire.stdout), hear('stderr', this.#wire.stderr)])
    const end = await this.#wire.ended
    const opening = this.#uid[0] === undefined
    const fault = this.#why ?? (await this.#options.explain(end, this.#talk, opening ? 'opening' : 'open'))
    this.#gone = fault
    for (const exchange of this.#exchanges) exchange.fail(fault)
    this.#greet?.({ is: 'lost', fault })
    if (!this.#closing && !opening) this.#lose(fault)
  }

  async #take(stream: OutputStream, frame: Frame): Promise<void> {
    if (frame.kind === 'bytes') {
      if ((await speaking(this.#exchanges, stream)?.bytes(stream, frame.bytes)) !== true)
        this.#hearTalk(stream, frame.bytes)
      return
    }
    const [kind, ...rest] = frame.words
    if (kind === 'have') {
      const scripts = this.#scripts[frame.level === 1 ? 1 : 0]
      if (scripts.size < MOST_SCRIPTS_KNOWN) scripts.add(rest.join(' ').replace('/', ' '))
    } else if (kind === 'ready') {
      this.#greet?.({ is: 'ready', uid: Number(rest[0]), leftAsRoot: rest[1] === 'root' })
    } else if (kind === 'nowhere' || kind === 'stuck') this.#greet?.({ is: kind, words: rest })
    else if (kind === 'down' && stream === 'stderr') this.#downOnStderr?.()
    else if (kind === 'down') {
      if (this.#greet !== undefined) this.#greet({ is: 'down', exit: Number(rest[0]) })
      else
        this.#cut({ code: 'connectionLost', message: `the shell under sudo on ${this.node} ended by itself` })
    } else {
      const exchange = addressed(this.#exchanges, stream, frame.words, this.#seq)
      const answer = exchange?.mark(stream, frame.words)
      if (exchange !== undefined && answer !== undefined) this.#give(exchange, answer.need)
    }
  }

  #cut(why: NodeFault): void {
    this.#why ??= why
    this.#wire.kill()
  }

  #hearTalk(stream: OutputStream, bytes: Uint8Array): void {
    this.#talk[stream] = (this.#talk[stream] + Buffer.from(bytes).toString()).slice(-MOST_TALK)
  }

  #notSent(fault: NodeFault): WorkResult {
    return { result: 'fault', fault, sent: false, durationMs: 0 }
  }

  #cancelled(): NodeFault {
    return { code: 'cancelled', message: 'the run was cancelled' }
  }

  #patienceMs(): number {
    return this.#options.graceSeconds * 1000 + PATIENCE_MS
  }
}
