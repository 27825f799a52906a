// A route: one operation of the API as data: where it is, what it takes, what it answers, and who carries it out.
import type { z } from '@hono/zod-openapi'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Serving } from '../engine/serving.ts'
import type { Answer } from '../model/refusal.ts'
import type { Caller, Knock } from './caller.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { Followers } from './followers.ts'
import type { KnownSites } from './known-sites.ts'
import type { Live } from './live.ts'
import type { Uploads } from './uploads.ts'

/** What routes work on. */
export interface Surroundings {
  serving: Serving
  live: Live
  uploads: Uploads
  known: KnownSites
  followers: Followers
  version: string
  /** Made up at each start of the server. */
  instance: string
  transcriptPath(run: string): string
  /** Where work is handed to runners elsewhere. */
  elsewhere?: Elsewhere
}

export type Topic =
  | 'status'
  | 'nodes'
  | 'runs'
  | 'timeline'
  | 'content'
  | 'cycles'
  | 'graph'
  | 'control'
  | 'events'
  | 'access'
  | 'runners'
  | 'work'

type Shape = Record<string, z.ZodType>
type Read<S> = S extends Shape ? z.output<z.ZodObject<S>> : Record<never, never>

export interface Asked<P = unknown, Q = unknown, B = unknown> extends Surroundings {
  params: P
  query: Q
  body: B
  knock: Knock
  caller: Caller
  headers: Headers
  /** Whoever asked has gone, or the time for it is over. */
  signal: AbortSignal
}

interface Where {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** From the root, e.g. `/api/v1/runs/{run}`. */
  path: string
  topic: Topic
  summary: string
  description?: string
  /** What stands in its query is neither read nor refused. */
  anyQuery?: true
}

interface Taken {
  params?: Shape
  query?: Shape
  body?: z.ZodType
  /** The body is bytes as they are. */
  bytes?: true
  /** Of the body. */
  mostBytes?: number
  /** Of the whole request. */
  limitMs?: number
  /** So many of these at the same time; others wait in line, and no longer than whoever asked. */
  atOnce?: number
}

/** Answers with JSON. */
export interface JsonRoute extends Where, Taken {
  answer: z.ZodType
  status?: 200 | 201 | 202
  /** There is a secret in its answer, which is kept for nobody who asks again after a restart. */
  tellsSecret?: true
  /** Of what can be edited, as it is now; undefined where it is not there. */
  etag?(asked: Asked): Promise<string | undefined> | string | undefined
  /** A change of what has that tag: with `If-Match` always, or where one is given. */
  ifMatch?: 'always' | 'whenGiven'
  handle(asked: Asked): Answer<unknown> | Promise<Answer<unknown>>
  /** Instead, for who sends `Accept: application/x-ndjson`: what happens as lines, the answer as the last one. */
  follow?: (asked: Asked, http: Http) => Answer<void> | Promise<Answer<void>>
}

/** Writes to Node's response by itself; nothing was written when it refuses. */
export interface RawRoute extends Where, Taken {
  media: readonly string[]
  /** The body is left to it, as bytes that come in. */
  raw: (asked: Asked, http: Http) => Answer<void> | Promise<Answer<void>>
}

export interface Http {
  incoming: IncomingMessage
  outgoing: ServerResponse
}

export type Route = JsonRoute | RawRoute

/** Holds types of what is taken and what is answered together; a route is data from then on. */
export function jsonRoute<
  T,
  P extends Shape | undefined = undefined,
  Q extends Shape | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  route: Omit<JsonRoute, 'params' | 'query' | 'body' | 'answer' | 'handle' | 'follow' | 'etag'> & {
    params?: P
    query?: Q
    body?: B
    answer: z.ZodType<T>
    etag?(asked: Asked<Read<P>, Read<Q>, unknown>): Promise<string | undefined> | string | undefined
    follow?(
      asked: Asked<Read<P>, Read<Q>, B extends z.ZodType ? z.output<B> : undefined>,
      http: Http,
    ): Answer<void> | Promise<Answer<void>>
    handle(
      asked: Asked<Read<P>, Read<Q>, B extends z.ZodType ? z.output<B> : undefined>,
    ): Answer<T> | Promise<Answer<T>>
  },
): JsonRoute {
  return route as unknown as JsonRoute
}

export function rawRoute<
  P extends Shape | undefined = undefined,
  Q extends Shape | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  route: Omit<RawRoute, 'params' | 'query' | 'body' | 'raw'> & {
    params?: P
    query?: Q
    body?: B
    raw(
      asked: Asked<Read<P>, Read<Q>, B extends z.ZodType ? z.output<B> : undefined>,
      http: Http,
    ): Answer<void> | Promise<Answer<void>>
  },
): RawRoute {
  return route as unknown as RawRoute
}
