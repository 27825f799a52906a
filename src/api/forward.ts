// Forwarding: what a standby cannot do itself is asked of the server that anneals, in the name of who asked here.
import type { Serving } from '../engine/serving.ts'
import type { Door } from '../journal/journal.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Silence } from '../model/server-place.ts'
import { silenceWords } from '../model/silence-words.ts'
import type { Knock } from './caller.ts'
import { problemOf } from './problem.ts'
import { bytesOf, type HttpContext } from './request-parts.ts'
import type { Route } from './route.ts'
import { untilOvertaken } from './until-overtaken.ts'

/** Base64url of who asks, as JSON. */
export const VOUCHED_FOR = 'x-anneal-for'

const WAIT_MS = 10_000
const STEP_MS = 50
const BODY_MOST = 64 * 1024 * 1024

/** What of a request stays between a client and the server that it asks. */
const NOT_PASSED = [
  'authorization',
  'cookie',
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'expect',
]
/** What of an answer is about this connection, or was taken off on the way. */
const NOT_PASSED_BACK = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-encoding',
  'content-length',
]

/** Sessions are kept where they began; transcripts are where a run was carried out; runners look for who anneals themselves. */
export function isForActive({ method, route }: Knock): boolean {
  if (route === '/api/v1/runs/{run}/log') return true
  if (method === 'GET' || !route.startsWith('/api/v1/')) return false
  return !/^\/api\/v1\/(sessions|links|work)\b/.test(route)
}

/** Undefined: this server anneals itself. Waits for one that is about to. */
export async function activeFor(serving: Serving): Promise<Answer<Door> | undefined> {
  for (let waited = 0; ; waited += STEP_MS) {
    const standby = serving.standby?.()
    if (!standby) return undefined
    if (standby.silent) return refuse({ code: 'notServing', message: silent(standby.silent) })
    if (standby.active) return answer(standby.active)
    if (waited >= WAIT_MS)
      return refuse({
        code: 'notServing',
        message: 'this server stands by, and none that anneals is to be found',
      })
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
}

function silent(silence: Silence): string {
  return `this server stands by, and the one that anneals does not answer: ${silenceWords(silence)}`
}

export async function forward(
  { url, key }: Door,
  route: Route,
  c: HttpContext,
  serving: Serving,
  /** Absent where nobody asks who it is. */
  vouched: string | undefined,
): Promise<Response> {
  const asked = c.req.raw
  const headers = new Headers(asked.headers)
  for (const name of NOT_PASSED) headers.delete(name)
  if (vouched !== undefined) {
    headers.set('authorization', `Bearer ${key}`)
    headers.set(VOUCHED_FOR, vouched)
  }
  const { pathname, search } = new URL(asked.url)
  const read = await bytesOf(asked, route.mostBytes ?? BODY_MOST)
  if (!read.ok) return problemOf(read.refusal)
  const watching = untilOvertaken(serving, url)
  try {
    const answered = await fetch(`${url}${pathname}${search}`, {
      method: asked.method,
      headers,
      signal: AbortSignal.any([asked.signal, watching.signal]),
      redirect: 'manual',
      ...(read.value.length > 0 ? { body: Uint8Array.from(read.value) } : {}),
    })
    const back = new Headers(answered.headers)
    for (const name of NOT_PASSED_BACK) back.delete(name)
    const body = answered.body?.pipeThrough(andThen(() => serving.moveOn?.(), watching.end))
    if (!body) watching.end()
    return new Response(body ?? null, { status: answered.status, headers: back })
  } catch (error) {
    watching.end()
    const { message, cause } = error as Error
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message
    return problemOf({
      code: 'notServing',
      message: `this server stands by, and the one that anneals at ${url} does not answer (${why}): ask again in a moment`,
    })
  }
}

/** Whoever was told of something and then asks here what there is, finds it. */
function andThen(
  work: () => Promise<void> | undefined,
  end: () => void,
): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    async transform(chunk, controller) {
      await work()?.catch(() => {})
      controller.enqueue(chunk)
    },
    flush: end,
    cancel: end,
  })
}
