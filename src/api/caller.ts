// Who asks: a caller with what they may do, and the Access interface that tells callers from others.
import type { Right } from '../model/access.ts'
import type { Answer } from '../model/refusal.ts'
import type { Route } from './route.ts'

export interface Caller {
  /** As it stands in events and in the audit. */
  name: string
  /** Without a deployment: in any. */
  may(right: Right, deployment?: string): boolean
  mayEverywhere(right: Right): boolean
  /** What they came in by is still good; for what lasts longer than an answer. */
  stillIn?: () => Promise<boolean>
}

/** One request, before anything of it but its head was read. */
export interface Knock {
  method: string
  /** The template, e.g. `/api/v1/runs/{run}`. */
  route: string
  params: Readonly<Record<string, string>>
  headers: Headers
  /** The address that it came from, without port. */
  remote: string
  /** It came over TLS. */
  secure: boolean
}

export interface Access {
  /** The knock as all else is to have it: with the address of who is behind a proxy that is believed. */
  see?(knock: Knock): Knock
  /** Refusals are answered as they are; the caller is who the engine is told. */
  admit(knock: Knock): Answer<Caller> | Promise<Answer<Caller>>
  /** After the request was read and before it is carried out. */
  allow(knock: Knock, caller: Caller, said: Said): Answer<void> | Promise<Answer<void>>
  /**
   * What came of it. Waited for before the answer goes out where something may have changed; of a stream at its beginning.
   * Not told of what `admit` refused.
   */
  note(knock: Knock, caller: Caller, came: Came): Promise<void>
  /** Says who a caller is to another server of the site, which believes it; absent where there are no others. */
  vouch?(caller: Caller): string
  /** Its own: tokens, sessions, the audit. */
  routes: readonly Route[]
}

export interface Said {
  query: unknown
  /** Undefined where the route reads it by itself. */
  body: unknown
}

export interface Came extends Said {
  status: number
  /** Of the refusal, where it was one. */
  code?: string
}
