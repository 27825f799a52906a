// A rehearsal: a site or a change of it carried out on machines that are made up, several times, and what came of it.
import type { CriticalPath } from './cycle.ts'
import type { NodeRoleId } from './names.ts'
import type { Feed, UpResult } from './operations.ts'
import type { Reason, State } from './reason.ts'
import type { Site } from './site.ts'

export interface RehearsalRequest {
  /** The files as they are, a revision of the timeline, or the committed one. */
  what: { kind: 'files'; site: Site } | { kind: 'revision'; revision: number } | { kind: 'committed' }
  /** As though nothing had ever run on any machine. */
  afresh: boolean
  /** So many nodes instead of those that there are. */
  nodes?: number
  /** How often it is rehearsed; as often as its size allows, where nobody says. */
  times?: number
  seed: number
  /** The share of runs that fail; as past runs taught, where nobody says. */
  fail?: number
  /** The share of nodes that never answer. */
  dead: number
}

export interface RehearsalReport {
  /** What was rehearsed: a number of the timeline, or the one that the files would get. */
  revision: number
  /** The head of the timeline today; 0 before the first. */
  onto: number
  /** `nothingToDo`: nobody asked for it, but else nothing would have run. */
  afresh: 'no' | 'asked' | 'nothingToDo'
  seed: number
  times: number
  nodes: number
  nodeRoles: number
  /** From the commit until rest. */
  toRestMs: Spread
  runs: Spread
  failed: Spread
  /** Runs in flight at one moment. */
  atOnce: Spread
  /** How many rehearsals ended how. */
  ends: Record<RehearsalEnd, number>
  /** What was not active in the end, the most frequent first. */
  left: LeftOver[]
  /** What ran, most members at once first. */
  groups: GroupAtOnce[]
  /** Of the rehearsal whose time is in the middle; absent where nothing ran. */
  path?: CriticalPath
  assumptions: Assumption[]
}

/** `word`: all that is left waits for a person. `endless`: it did not come to rest within the time that is looked at. */
export type RehearsalEnd = 'ready' | 'word' | 'problems' | 'endless'

/** Of the values that the rehearsals gave. */
export interface Spread {
  least: number
  p50: number
  p95: number
  most: number
}

/** Node-roles of one role that ended alike. */
export interface LeftOver {
  deployment: string
  role: string
  state: State
  /** Of the first of them. */
  nodeRole: NodeRoleId
  reason: Reason
  /** The moment at which it was so. */
  at: number
  /** How many at most in one rehearsal, and in how many rehearsals any. */
  nodeRoles: number
  times: number
}

export interface GroupAtOnce {
  deployment: string
  role: string
  members: number
  /** How many of them ran at the same time at most, over all rehearsals. */
  atOnce: number
  /** Of those how many were in service before: this is what users may notice. */
  disrupted: number
}

/** What a rehearsal takes to be so without knowing it. */
export type Assumption =
  /** Never measured; each run is taken to last a second. */
  | { kind: 'duration'; roles: string[] }
  /** Never measured; taken to last as long as runs of other roles do. */
  | { kind: 'usualDuration'; roles: string[] }
  /** They never ran for what makes them run here; taken to last as long as when they ran for something else. */
  | { kind: 'otherCause'; roles: string[] }
  | { kind: 'contact'; ms: number }
  /** Share of runs that fail and succeed on another try. */
  | { kind: 'failures'; rates: { role: string; share: number }[]; asked?: number }
  | { kind: 'dead'; share: number }
  /** What was said last time is said again, whatever the inputs. */
  | { kind: 'saidAgain'; outputs: number }
  | { kind: 'madeUp'; outputs: string[] }
  /** No value could be made up that its schema allows: who reads it does not get it. */
  | { kind: 'unknown'; outputs: string[] }
  /** Facts of nodes that were never reached are those of another node. */
  | { kind: 'factsOf'; nodes: number; like: string; sameLabels: boolean }
  /** No node was ever reached. */
  | { kind: 'factsMadeUp'; nodes: number }
  /** Facts have a say in where roles go, and these are placed when they are known. */
  | { kind: 'undecided'; nodes: number }
  | { kind: 'multiplied'; from: number; to: number }
  /** Stays where it is, as it has one member or asks for so many. */
  | { kind: 'notMultiplied'; placements: string[] }
  /** What the fleet has today is taken to be on the further nodes, too. */
  | { kind: 'sharedPast' }

export interface DemoRequest {
  seed: number
  fail?: number
  dead: number
  /** When it begins. */
  at: number
  by: string
  onFeed(feed: Feed): void
}

/** Time in it goes by as it is told to. */
export interface Demo {
  /** How long it takes if nobody stops it, in its own time. */
  lengthMs: number
  /** All that happens until then; false when nothing more will. */
  advance(now: number): boolean
  /** What runs is finished, nothing new starts. */
  stop(): void
  result(): UpResult
}
