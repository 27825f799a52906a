// The talk between a server and a runner elsewhere: what is asked, what is answered, and how far apart the two may be.
import type { CheckOrder, CheckOutcome } from './drift.ts'
import type { ExecEnd, ExecWork } from './exec.ts'
import type { ContactOutcome, NodeAddress, RunOrder, RunOutcome } from './run.ts'
import type { RunnerLabels } from './runner.ts'
import type { OutputStream } from './work.ts'

/** Goes up when one of the two could misunderstand the other. What is only added is left aside by who does not know it. */
export const RUNNER_PROTOCOL = 3

/** From this one on runners carry out what people ask beside their work: looks and commands. */
export const ASIDES = 3

/** One release apart, whichever of the two is the newer one. */
export function isUnderstood(theirs: number, ours = RUNNER_PROTOCOL): boolean {
  return Number.isSafeInteger(theirs) && Math.abs(theirs - ours) <= 1
}

/** `annr_NAME.SECRET`: whoever has it once may put a key of his own in the runner's name. */
export function enrolmentName(token: string): string | undefined {
  return /^annr_([a-z0-9-]{1,63})\.[\w-]{43}$/.exec(token)?.[1]
}

export interface EnrolAsked {
  token: string
  /** The public key of the identity that the runner made: Ed25519, SPKI in base64. */
  key: string
  protocol: number
}

export interface Enrolled {
  runner: string
  labels: RunnerLabels
  site: string
}

export interface LeaseAsked {
  runner: string
  challenge: string
  /** Of `signedText`, in base64. */
  signature: string
  /** So much at once. */
  slots: number
  version: string
  protocol: number
}

export interface LeaseGiven {
  /** Shown with each request from now on. */
  token: string
  /** Whoever was not heard for so long has lost all that it held. */
  leaseMs: number
  /** Whose leftovers on a node are ours to end. */
  owner: string
  protocol: number
}

/** What is signed: good for this server's challenge, this runner and nothing else. */
export function signedText(runner: string, challenge: string): string {
  return `anneal runner lease\n${runner}\n${challenge}\n`
}

export type Work =
  | { kind: 'run'; order: RunOrder }
  | { kind: 'check'; order: CheckOrder }
  | { kind: 'contact'; node: NodeAddress }
  | AsideWork

/** Beside whatever is under way on the node. `of`: what was asked together, and is given up together. */
export type AsideWork =
  | { kind: 'look'; of: string; order: CheckOrder }
  | { kind: 'exec'; of: string; order: ExecWork }

/** `hand`: the number of this handing over, which no other has; it fences. */
export interface Handed {
  hand: number
  work: Work
}

/** Asked again with the same `claim` until it is answered: what was handed over once is told again. */
export interface ClaimAsked {
  claim: number
  free: number
  /** It may be answered packed: packed-claim.ts. */
  packed?: boolean
}

export interface Word {
  /** To be ended: somebody cancelled it, or it is not the runner's any more. */
  end: number[]
}

export interface Claimed extends Word {
  handed: Handed[]
}

export interface BeatAsked {
  holds: number[]
  /** It takes nothing any more, and goes when it is done. */
  leaving: boolean
}

export type Told =
  | { kind: 'run'; hand: number; outcome: RunOutcome }
  | { kind: 'check'; hand: number; outcome: CheckOutcome }
  | { kind: 'contact'; hand: number; outcome: ContactOutcome }
  | { kind: 'look'; hand: number; outcome: CheckOutcome }
  | { kind: 'exec'; hand: number; outcome: ExecEnd }

/** What comes in one request: logs first, so that nothing is missing of what is over. */
export interface ReportAsked {
  logs?: LogTold[]
  told: Told[]
  /** Nodes whose connection ended while nothing ran on them. */
  lost: string[]
}

/** What is in neither was not looked at. */
export interface ReportTaken {
  taken: number[]
  /** Not held: it is over, or was never the runner's. */
  refused: number[]
  /** Nothing more is taken of the logs of these. */
  unlogged?: number[]
}

/** Pieces of the log of one run, or of what one command prints; `from`: the number of the first of them. */
export interface LogTold {
  hand: number
  from: number
  pieces: LogPiece[]
}

/** One record of a transcript, or with its `stream` what a command printed there; bytes that are no text are in base64. */
export type LogPiece = ({ text: string } | { base64: string }) & { stream?: OutputStream }
