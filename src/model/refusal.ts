// Refusals: answers with a code, for commands that are not carried out; nothing has changed when one is given.
import type { Fault } from './fault.ts'
import type { NodeRoleId } from './names.ts'
import type { Moved } from './view.ts'

export type Refusal =
  | { code: 'timelineMoved'; message: string; head: number; moved: Moved }
  | { code: 'unknownRevision'; message: string }
  | { code: 'unknownNodeRole'; message: string; nearest?: string }
  | { code: 'unknownNode'; message: string; nearest?: string }
  | { code: 'unknownTarget'; message: string; nearest?: string }
  /** `candidates`: each in a form that means it alone. */
  | { code: 'ambiguousTarget'; message: string; candidates: string[] }
  | { code: 'invalidControl'; message: string }
  | { code: 'notHeld'; message: string }
  | { code: 'unknownRun'; message: string }
  | { code: 'unknownCycle'; message: string }
  | { code: 'unknownInput'; message: string; nearest?: string }
  /** Nothing that `trace` could begin with is called so or has this value. */
  | { code: 'unknownValue'; message: string; nearest?: string }
  /** A late or doubled report: the run is over, or the token is not its own. */
  | { code: 'notInFlight'; message: string }
  | { code: 'invalidSite'; message: string; faults: Fault[] }
  | { code: 'waitsForItself'; message: string; path: string[] }
  | { code: 'conflict'; message: string; nodeRoles: NodeRoleId[] }
  /** What was to be approved waits for nobody's word. */
  | { code: 'nothingToApprove'; message: string }
  | { code: 'busy'; message: string; holder: string }
  | { code: 'damagedJournal'; message: string }
  | { code: 'newerJournal'; message: string }
  | { code: 'journalFault'; message: string }
  /** Of the wrapping key: not there, of no use as it is, or another one than that under which values were sealed. */
  | { code: 'keyMissing'; message: string; next: string }
  | { code: 'keyUnusable'; message: string; next: string }
  | { code: 'keyWrong'; message: string; next: string }
  | { code: 'noNodes'; message: string }
  | { code: 'nothingUnderWay'; message: string }
  | { code: 'nothingThere'; message: string }

export type Answer<T> = { ok: true; value: T } | { ok: false; refusal: Refusal }

export function answer<T>(value: T): Answer<T> {
  return { ok: true, value }
}

export function refuse<T>(refusal: Refusal): Answer<T> {
  return { ok: false, refusal }
}
