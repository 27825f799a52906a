// The Serving interface: one site with its engine alive in this process, for doors that many ask at once.
import type { World } from '../annealer/world.ts'
import type { Door } from '../journal/journal.ts'
import type { PastWorlds } from './past-worlds.ts'
import type { Event, Recorded } from '../model/event.ts'
import type { Feed, Operations } from '../model/operations.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { State } from '../model/reason.ts'
import type { Silence } from '../model/server-place.ts'
import type { Refusal } from '../model/refusal.ts'
import type { NodeRoleView } from '../model/view.ts'

export interface Serving {
  /** All on the live engine; requests carry who asks. */
  operations: Operations
  /**
   * Of the live world, as far as it is durable: to be read now, never written into and never kept. Rejects with
   * `JournalFault` once the journal has failed.
   */
  ask<T>(question: (world: World) => T): Promise<T>
  /** Sequence number of the last durable event; what `ask` shows contains it. */
  head(): number
  /** What the journal holds after `after`, in order, up to the last durable event when the end is reached. */
  events(after: number): AsyncIterable<Recorded[]>
  /** Of any moment until the last durable event. */
  past: Pick<PastWorlds, 'at'>
  blob(digest: string): Promise<Uint8Array | undefined>
  /** After each turn, once its events are durable; in order, without a gap. The function that comes back ends it. */
  watch(listener: (turn: ServedTurn) => void): () => void
  /** Resolves when nothing moves any more, or when the journal has failed. */
  rest(): Promise<void>
  /** Nothing new starts from now on; resolves when nothing is in flight. */
  drain(by: string): Promise<void>
  isDraining(): boolean
  /** Why nothing moves any more: the journal has failed. */
  fault(): Refusal | undefined
  /** Resolves when the journal has failed. */
  failed: Promise<void>
  /** Resolves when there is nothing more to serve for: it was drained, whoever asked, or the journal has failed. */
  over: Promise<void>
  /** Where another server of the site anneals, and this one follows its journal; undefined where this one anneals. */
  standby?(): { active?: Door; silent?: Silence } | undefined
  /** Of a standby: takes in all that the journal has by now. */
  moveOn?(): Promise<void>
  /** Ends what is still in flight, which the next start settles. */
  close(): Promise<void>
}

export interface ServedTurn {
  /** Sequence number of its first event; `head + 1` for a turn without one. */
  first: number
  /** Of its last one. */
  head: number
  at: number
  events: readonly Event[]
  changed: readonly ChangedNodeRole[]
  /** The same, told as those who follow one annealing are told. */
  feed: readonly Feed[]
}

export interface ChangedNodeRole {
  id: NodeRoleId
  before?: State
  /** Absent where it is gone. */
  after?: NodeRoleView
}
