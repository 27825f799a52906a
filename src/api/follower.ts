// A follower: one who listens to events: each once and in order, however slowly they take them; states as they are by then.
import type { ServerResponse } from 'node:http'
import type { Serving } from '../engine/serving.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { Event } from '../model/event.ts'
import type { NodeRoleView } from '../model/view.ts'
import type { Live, LiveTurn, Message } from './live.ts'

export interface FollowerParts {
  live: Live
  serving: Serving
  outgoing: ServerResponse
  /** The last event that they have. */
  after: number
  /** How node-roles stood then they know, too; who only has the event may have missed states that came after it. */
  knows: boolean
  /** Absent: everything. */
  events?: (event: Event) => boolean
  /** `none`: no states at all. */
  states?: ((view: NodeRoleView) => boolean) | 'none'
  /** Whether who listens is still let in; asked with each beat. */
  stillIn?: () => Promise<boolean>
  /** They are let go because they take nothing. */
  onDrop?: () => void
  /** They have just been written what happened at that time; not of what they had missed. */
  onWritten?: (at: number) => void
  /** A pause without any progress after which they are let go, to resume. */
  stalledMs?: number
}

/** More than this in their pipe, and they are read for from then on: nothing is piled up for who is slow. */
const ENOUGH_BYTES = 128 * 1024
const STALLED_MS = 30_000
/** So many events later than an event at the latest they have been told how all stand that it changed. */
const STATES_EVERY = 200
/** How many node-roles one message tells of. */
const STATES_AT_ONCE = 1_000

export class Follower {
  readonly #parts: FollowerParts
  /** The last event that was written, or passed by. */
  #sent: number
  #behind = new Set<NodeRoleId>()
  #whole = false
  /** They are told once that they have all that there is, also where nothing changed. */
  #greeted = false
  /** What changed since then is still to be found out. */
  #resumes: boolean
  #pumping = false
  #over = false
  #silent = 0
  /** Events since all that was owed of states was told. */
  #sinceStates = 0
  readonly #unlisten: () => void

  constructor(parts: FollowerParts) {
    this.#parts = parts
    this.#sent = parts.after
    const { live, outgoing } = parts
    this.#resumes = parts.after < live.head || !parts.knows
    this.#unlisten = live.listen((turn) => this.#hear(turn))
    outgoing.on('close', () => this.end())
    outgoing.on('error', () => this.end())
    void this.#pump()
  }

  /** To be heard now and then by what stands in between. */
  beat(): void {
    void this.#parts.stillIn?.().then(
      (isIn) => isIn || this.end(),
      () => this.end(),
    )
    if (!this.#pumping) this.#write(BEAT)
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    this.#unlisten()
    this.#parts.outgoing.end()
  }

  #hear(turn: LiveTurn): void {
    const { live, states } = this.#parts
    const keepsUp = !this.#pumping && this.#sent === turn.first - 1 && this.#behind.size === 0
    const sortsOut = typeof states === 'function'
    if (!keepsUp || sortsOut || this.#isFull() || turn.changed.length > STATES_AT_ONCE) {
      if (states !== 'none') for (const id of turn.changed) this.#behind.add(id)
      void this.#pump()
      return
    }
    for (const message of turn.messages) this.#tell(message, () => live.bytesOf(message))
    this.#sent = turn.head
    this.#sinceStates = 0
    const told = states === 'none' ? undefined : turn.states()
    if (!told) return
    this.#tellPassedBy()
    this.#write(told)
  }

  /** Events that were passed by are not read again by who resumes. */
  #tellPassedBy(): void {
    if (this.#silent > 0) this.#write(Buffer.from(`id: ${this.#sent}\n\n`))
    this.#silent = 0
  }

  /**
   * States that may have been missed before the last event that they have come first: whoever is cut off again and again
   * after a few events would else never hear of them.
   */
  async #resume(): Promise<void> {
    this.#resumes = false
    const { live, states, after, knows } = this.#parts
    if (states === 'none') return
    let since = after
    if (!knows) {
      const { head } = live
      await this.#owe(after - STATES_EVERY, after)
      if (this.#whole) since = head
      while (!this.#over && (this.#behind.size > 0 || this.#whole)) await this.#tellStates()
    }
    if (since < live.head) await this.#owe(since)
  }

  async #owe(since: number, until?: number): Promise<void> {
    const { ids, whole } = await this.#parts.live.changedSince(since, until)
    for (const id of ids) this.#behind.add(id)
    this.#whole ||= whole
  }

  /** Until they have all that there is. Whoever calls it while it goes on has nothing to do. */
  async #pump(): Promise<void> {
    if (this.#pumping || this.#over) return
    this.#pumping = true
    const { live } = this.#parts
    try {
      if (this.#resumes) await this.#resume()
      while (!this.#over && (this.#sent < live.head || this.#owesStates())) {
        if (this.#sent < live.head && !this.#isDueForStates()) await this.#tellEvents()
        else await this.#tellStates()
      }
    } catch {
      // The journal cannot be read: they come again, and are told.
      this.#drop()
    } finally {
      this.#pumping = false
    }
  }

  #owesStates(): boolean {
    if (this.#parts.states === 'none') return false
    return this.#behind.size > 0 || this.#whole || !this.#greeted
  }

  /** What was told to be there and is not would be looked for without an end: nothing sensible can follow. */
  async #tellEvents(): Promise<void> {
    const before = this.#sent
    await this.#tellSome()
    if (this.#sent === before) this.#drop()
  }

  async #tellSome(): Promise<void> {
    const { live, serving } = this.#parts
    const near = live.after(this.#sent)
    if (near) {
      for (const message of near) {
        this.#tell(message, () => live.bytesOf(message))
        if (this.#isDueForStates()) return
        if (this.#isFull() && !(await this.#drained())) return
      }
      return
    }
    for await (const batch of serving.events(this.#sent)) {
      for (const recorded of batch) {
        this.#tell({ recorded }, () => live.format(recorded))
        if (this.#isDueForStates()) return
        if (this.#isFull() && !(await this.#drained())) return
      }
      if (this.#over || live.after(this.#sent)) return
    }
  }

  #tell({ recorded }: Message, bytes: () => Buffer): void {
    const { events } = this.#parts
    if (events && !events(recorded.event)) this.#silent++
    else {
      this.#write(bytes())
      this.#silent = 0
      if (this.#greeted) this.#parts.onWritten?.(recorded.at)
    }
    this.#sent = recorded.seq
    this.#sinceStates++
  }

  #isDueForStates(): boolean {
    return this.#sinceStates >= STATES_EVERY && this.#behind.size > 0
  }

  async #tellStates(): Promise<void> {
    const { live, states } = this.#parts
    const ids: NodeRoleId[] = []
    for (const id of this.#behind) {
      if (ids.length === STATES_AT_ONCE) break
      ids.push(id)
      this.#behind.delete(id)
    }
    const keep = typeof states === 'function' ? states : () => true
    const told = await live.statesOf(ids, keep, this.#whole)
    this.#whole = false
    this.#greeted = true
    if (this.#behind.size === 0) this.#sinceStates = 0
    this.#tellPassedBy()
    this.#write(told.bytes)
    if (this.#isFull()) await this.#drained()
  }

  #write(bytes: Buffer): void {
    if (!this.#over) this.#parts.outgoing.write(bytes)
  }

  #isFull(): boolean {
    return this.#parts.outgoing.writableLength > ENOUGH_BYTES
  }

  /** False when they have gone, or are let go because nothing moved for too long. */
  async #drained(): Promise<boolean> {
    const { outgoing, stalledMs = STALLED_MS } = this.#parts
    if (this.#over) return false
    const drained = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => settle(false), stalledMs)
      const settle = (moved: boolean): void => {
        clearTimeout(timer)
        outgoing.off('drain', onDrain)
        outgoing.off('close', onClose)
        resolve(moved)
      }
      const onDrain = (): void => settle(true)
      const onClose = (): void => settle(false)
      outgoing.once('drain', onDrain)
      outgoing.once('close', onClose)
    })
    if (!drained) this.#drop()
    return drained && !this.#over
  }

  #drop(): void {
    if (!this.#over) this.#parts.onDrop?.()
    this.end()
    this.#parts.outgoing.destroy()
  }
}

const BEAT = Buffer.from(':\n\n')
