// A lease: one runner elsewhere, for as long as it is heard; what waits for it, and what it holds.
import { fitsRunner, type RunnerLabels } from '../model/runner.ts'
import { ASIDES, type Claimed, type Handed, type Work } from '../model/runner-talk.ts'
import type { Answer } from '../model/refusal.ts'
import type { Aside } from './aside.ts'
import type { Newcomer } from './desk.ts'
import type { PieceKeeper } from './in-order.ts'

/** One thing to do, on its way to a runner. */
export interface Item {
  work: Work
  needs: RunnerLabels
  node: string
  /** Absent: the engine asked for it, and is told. */
  aside?: Aside
}

export interface Held {
  item: Item
  hand: number
  /** When it was handed over, by the desk's clock. */
  since: number
  log?: PieceKeeper
}

export interface Lease {
  runner: string
  labels: RunnerLabels
  slots: number
  version: string
  protocol: number
  /** Digest of its token. */
  key: string
  /** By the desk's clock. */
  heardAt: number
  /** It takes nothing new: an operator said so, or it is on its way out. */
  draining: boolean
  leaving: boolean
  queue: Item[]
  held: Map<number, Held>
  /** Of these it is to be told that they are to end, until it has told what came of them. */
  ends: Set<number>
  /** Told and heard lately: told again, they are heard again and count no more. */
  taken: Set<number>
  /** The last claim, and what was handed over by it. */
  claim: number
  claimed: Handed[]
  /** It waits for work. */
  parked: { free: number; answer(claimed: Answer<Claimed>): void } | undefined
}

export function newLease(newcomer: Newcomer, heardAt: number): Lease {
  const { runner, labels, slots, version, protocol, draining, key } = newcomer
  return {
    runner,
    labels,
    slots,
    version,
    protocol,
    draining,
    key,
    heardAt,
    leaving: false,
    queue: [],
    held: new Map(),
    ends: new Set(),
    taken: new Set(),
    claim: 0,
    claimed: [],
    parked: undefined,
  }
}

const TAKEN_MOST = 5_000

/** The oldest are forgotten: whoever repeats himself does it soon. */
export function noteTaken(lease: Lease, hand: number): void {
  lease.held.delete(hand)
  lease.ends.delete(hand)
  lease.taken.add(hand)
  for (const old of lease.taken) {
    if (lease.taken.size <= TAKEN_MOST) break
    lease.taken.delete(old)
  }
}

const OVER_MOST = 1_000

export function noteOver(over: Set<string>, key: string): void {
  over.add(key)
  for (const old of over) {
    if (over.size <= OVER_MOST) break
    over.delete(old)
  }
}

/** Whether it does what is to be done there. */
export function suits({ labels, protocol }: Lease, { needs, aside }: Item): boolean {
  return fitsRunner(needs, labels) && (!aside || protocol >= ASIDES)
}

export function mayTake(lease: Lease, item: Item): boolean {
  return !lease.draining && !lease.leaving && suits(lease, item)
}

/** How busy it is, so that work goes to who has least of it. */
export function loadOf({ queue, held, slots }: Lease): number {
  return (queue.length + held.size) / slots
}
