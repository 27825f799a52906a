// Exit codes: one table for commands' ends and one for refusals; scripts build on these.
import type { UpResult } from '../model/operations.ts'
import type { Refusal } from '../model/refusal.ts'
import type { StatusView } from '../model/view.ts'

export const EXIT = {
  /** At rest and ready, or nothing to change. */
  ok: 0,
  error: 1,
  /** Changes are pending, or work is on its way. */
  pending: 2,
  /** Came to rest with failures or blocked work. */
  problems: 3,
  waitsForApproval: 4,
  /** Bad usage or invalid input. */
  usage: 5,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const EXIT_OF_OUTCOME: Record<UpResult['outcome'], ExitCode> = {
  ready: EXIT.ok,
  chosenReady: EXIT.ok,
  atRestWithProblems: EXIT.problems,
  waitsForApproval: EXIT.waitsForApproval,
  declined: EXIT.pending,
  interrupted: EXIT.interrupted,
}

export const EXIT_OF_REFUSAL: Record<Refusal['code'], ExitCode> = {
  timelineMoved: EXIT.error,
  unknownRevision: EXIT.usage,
  unknownNodeRole: EXIT.usage,
  unknownNode: EXIT.usage,
  unknownTarget: EXIT.usage,
  ambiguousTarget: EXIT.usage,
  invalidControl: EXIT.usage,
  notHeld: EXIT.usage,
  unknownRun: EXIT.usage,
  unknownCycle: EXIT.usage,
  unknownEvent: EXIT.usage,
  unknownInput: EXIT.usage,
  unknownValue: EXIT.usage,
  notInFlight: EXIT.error,
  invalidSite: EXIT.usage,
  waitsForItself: EXIT.usage,
  conflict: EXIT.usage,
  nothingToApprove: EXIT.usage,
  busy: EXIT.error,
  damagedJournal: EXIT.error,
  newerJournal: EXIT.error,
  journalFault: EXIT.error,
  keyMissing: EXIT.error,
  keyUnusable: EXIT.error,
  keyWrong: EXIT.error,
  noNodes: EXIT.usage,
  nothingUnderWay: EXIT.error,
  nothingThere: EXIT.error,
  fourEyes: EXIT.waitsForApproval,
  damagedExport: EXIT.error,
  unknownToken: EXIT.usage,
  invalidToken: EXIT.usage,
  invalidDatabase: EXIT.usage,
  notEmpty: EXIT.error,
  unknownRunner: EXIT.usage,
  invalidRunner: EXIT.usage,
  leaseOver: EXIT.error,
  outOfOrder: EXIT.error,
  otherProtocol: EXIT.error,
  unauthenticated: EXIT.error,
  notAllowed: EXIT.error,
  crossSite: EXIT.error,
  replayed: EXIT.error,
  tooMany: EXIT.error,
  invalidRequest: EXIT.usage,
  unknownPath: EXIT.error,
  wrongMethod: EXIT.error,
  wrongContentType: EXIT.error,
  tooLarge: EXIT.usage,
  tookTooLong: EXIT.error,
  movedOn: EXIT.error,
  mustMatch: EXIT.error,
  keyReused: EXIT.error,
  askedBefore: EXIT.error,
  notServing: EXIT.error,
  internal: EXIT.error,
  draining: EXIT.error,
  notServed: EXIT.usage,
  notAsConfirmed: EXIT.error,
  noServer: EXIT.error,
  cannotListen: EXIT.error,
}

/** What a status alone says: `status` and `watch --until-rest` end with it. */
export function exitOfStatus(status: StatusView): ExitCode {
  if (status.ready) return status.remains === 'word' ? EXIT.waitsForApproval : EXIT.ok
  if (!status.atRest || isStopped(status)) return EXIT.pending
  return status.remains === 'word' ? EXIT.waitsForApproval : EXIT.problems
}

/** Somebody interrupted what would go on by itself, or let only a part of it run. */
export function isStopped(status: StatusView): boolean {
  return status.nodeRoles.some(({ reason }) => reason.kind === 'waits' && STOPPED.has(reason.wait.kind))
}

const STOPPED = new Set(['stopped', 'notChosen'])
