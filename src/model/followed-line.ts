// A followed line: what goes over the wire, one JSON value a line, while a server carries out what somebody asked for.
import type { Feed } from './operations.ts'
import type { Answer } from './refusal.ts'

export type FollowedLine =
  | { feed: Feed }
  /** Something about a node that is looked at and not annealed, of which no feed tells. */
  | { notice: string; node: string }
  /** Nothing happened for a while. */
  | { alive: true }
  /** The last one. */
  | { answer: Answer<unknown> }
