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
  /** Of the journal: it is not there yet. */
  | { code: 'unknownEvent'; message: string }
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
  /** Where a journal is to be, said in a way that cannot be used. */
  | { code: 'invalidDatabase'; message: string }
  /** A journal is to be put where there is one. */
  | { code: 'notEmpty'; message: string }
  | { code: 'noNodes'; message: string }
  | { code: 'nothingUnderWay'; message: string }
  | { code: 'nothingThere'; message: string }
  /**
   * Who proposed it, or what is destructive, cannot also give the word for it; `revision` waits for somebody else.
   * `nobody`: it is what files say, and somebody must propose it first.
   */
  | { code: 'fourEyes'; message: string; deployments: string[]; revision?: number; nobody?: true }
  | { code: 'damagedExport'; message: string }
  | { code: 'unknownToken'; message: string; nearest?: string }
  | { code: 'invalidToken'; message: string }
  | { code: 'unknownRunner'; message: string; nearest?: string }
  | { code: 'invalidRunner'; message: string }
  /** The lease of a runner is over, and with it what it held: nothing of it counts any more. */
  | { code: 'leaseOver'; message: string }
  /** Of a log: pieces are taken in order, and `expected` is the first that is not there. */
  | { code: 'outOfOrder'; message: string; expected: number }
  /** Runner and server are too far apart to understand each other. */
  | { code: 'otherProtocol'; message: string; speaks: number }
  /** Nobody knows who asks: no credential, or none that is good. */
  | { code: 'unauthenticated'; message: string }
  /** It is known who asks, and they may not. */
  | { code: 'notAllowed'; message: string }
  /** A page of somebody else made a browser ask. */
  | { code: 'crossSite'; message: string }
  /** A signed message that was taken before. */
  | { code: 'replayed'; message: string }
  | { code: 'tooMany'; message: string; retryAfterMs: number }
  /** What was sent to the API is not what it takes; every place where it is not. */
  | { code: 'invalidRequest'; message: string; places: RequestFault[] }
  | { code: 'unknownPath'; message: string; nearest?: string }
  | { code: 'wrongMethod'; message: string; allowed: string[] }
  | { code: 'wrongContentType'; message: string; expected: string[] }
  | { code: 'tooLarge'; message: string; mostBytes: number }
  | { code: 'tookTooLong'; message: string; limitMs: number }
  /** What was to be edited is not any more what somebody looked at; `etag` is that of today. */
  | { code: 'movedOn'; message: string; etag: string }
  /** It may have moved on, and nobody said by `If-Match` what was looked at. */
  | { code: 'mustMatch'; message: string; etag: string }
  /** An `Idempotency-Key` that was used for something else. */
  | { code: 'keyReused'; message: string }
  /** Asked under this `Idempotency-Key` of a server that has ended since; `isDone` is false where that is not known. */
  | { code: 'askedBefore'; message: string; isDone: boolean }
  /** The server is about to end, or has no room for another one of these. */
  | { code: 'notServing'; message: string }
  /** A server is ending; what is in flight ends first. */
  | { code: 'draining'; message: string }
  /** It has no meaning where many ask one server at once. */
  | { code: 'notServed'; message: string }
  /** Carrying it out would do something else by now than what was looked at and agreed to. */
  | { code: 'notAsConfirmed'; message: string }
  /** A server that was asked does not answer, or not in words of ours. */
  | { code: 'noServer'; message: string }
  /** The address that a server was to answer on is not to be had. */
  | { code: 'cannotListen'; message: string }
  /** A mistake of ours. */
  | { code: 'internal'; message: string }

export interface RequestFault {
  in: 'path' | 'query' | 'header' | 'body'
  /** Dotted, from the root of that part of the request; empty for all of it. */
  place: string
  message: string
  /** The nearest right word. */
  nearest?: string
}

export type Answer<T> = { ok: true; value: T } | { ok: false; refusal: Refusal }

export function answer<T>(value: T): Answer<T> {
  return { ok: true, value }
}

export function refuse<T>(refusal: Refusal): Answer<T> {
  return { ok: false, refusal }
}

/** Whoever asked is gone: what is left of the work is not done. */
export const NOBODY_WAITS = { code: 'notServing', message: 'nobody waits for it any more' } as const
