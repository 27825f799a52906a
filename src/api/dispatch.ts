// Dispatch: one request by its route: who asks, what is asked, once or again, how long it may take, what is answered.
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { digestOf } from '../base/digest.ts'
import { type Answer, type Refusal, refuse } from '../model/refusal.ts'
import { activeFor, forward, isForActive } from './forward.ts'
import type { AtOnce } from './at-once.ts'
import type { Access, Caller, Knock, Said } from './caller.ts'
import type { Idempotency, Kept } from './idempotency.ts'
import { LINES_TYPE } from './following.ts'
import { jsonAnswer } from './json-answer.ts'
import { problemOf } from './problem.ts'
import { bodyOf, type HttpContext, paramsOf, wordsOf } from './request-parts.ts'
import { learn } from './watched.ts'
import type { Asked, JsonRoute, RawRoute, Route, Surroundings } from './route.ts'

export interface DispatchParts {
  surroundings: Surroundings
  access: Access
  idempotency: Idempotency
  atOnce: AtOnce
  /** A mistake of ours, for whoever keeps the log. */
  onMistake(error: unknown, where: string): void
}

const LIMIT_MS = 60_000
const KEY_MOST = 200

/** `routes`: all at one path, by their methods. */
export async function dispatch(
  parts: DispatchParts,
  routes: ReadonlyMap<string, Route>,
  c: HttpContext,
): Promise<Response> {
  const method = c.req.method
  const route = routes.get(method === 'HEAD' ? 'GET' : method)
  const path = [...routes.values()][0]?.path ?? ''
  if (!route) {
    const allowed = [...routes.keys()].flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : one))
    if (method === 'OPTIONS')
      return new Response(null, { status: 204, headers: { allow: allowed.join(', ') } })
    const message = `${path} takes ${allowed.join(', ')}`
    return problemOf({ code: 'wrongMethod', message, allowed })
  }
  const came = knockOf(c, route)
  const knock = parts.access.see?.(came) ?? came
  learn(c.env.incoming, { route: route.path })
  try {
    const admitted = await parts.access.admit(knock)
    if (!admitted.ok) return problemOf(admitted.refusal)
    learn(c.env.incoming, { principal: admitted.value.name })
    if (isForActive(knock)) {
      const forwarded = await handedOn(parts, route, c, parts.access.vouch?.(admitted.value))
      if (forwarded) return forwarded
    }
    const raw = rawOf(route, c)
    return raw
      ? await dispatchRaw(parts, raw, c, knock, admitted.value)
      : await dispatchJson(parts, route as JsonRoute, c, knock, admitted.value)
  } catch (error) {
    parts.onMistake(error, `${method} ${path}`)
    if (c.env.outgoing?.headersSent) {
      // Whoever reads sees that it is cut off.
      c.env.outgoing.destroy()
      return RESPONSE_ALREADY_SENT
    }
    return problemOf({ code: 'internal', message: 'something went wrong in here' })
  }
}

/** By the server that anneals; undefined where this one does. */
async function handedOn(
  { surroundings: { serving } }: DispatchParts,
  route: Route,
  c: HttpContext,
  vouched: string | undefined,
): Promise<Response | undefined> {
  const active = await activeFor(serving)
  if (!active) return undefined
  return active.ok ? forward(active.value, route, c, serving, vouched) : problemOf(active.refusal)
}

function rawOf(route: Route, c: HttpContext): RawRoute | undefined {
  if ('raw' in route) return route
  const { follow } = route
  const wantsLines = (c.req.header('accept') ?? '').includes(LINES_TYPE)
  return follow && wantsLines ? { ...route, media: [LINES_TYPE], raw: follow } : undefined
}

async function dispatchRaw(
  parts: DispatchParts,
  route: RawRoute,
  c: HttpContext,
  knock: Knock,
  caller: Caller,
): Promise<Response> {
  const { access, surroundings } = parts
  let said: Said = { query: undefined, body: undefined }
  const words = wordsOf(route, c)
  if (!words.ok) return refuseWith(words.refusal)
  const read = await bodyOf(route, c)
  if (!read.ok) return refuseWith(read.refusal)
  said = { query: words.value.query, body: read.value?.value }
  const allowed = await access.allow(knock, caller, said)
  if (!allowed.ok) return refuseWith(allowed.refusal)
  const { signal, headers } = c.req.raw
  const asked: Asked = { ...surroundings, ...words.value, body: said.body, knock, caller, headers, signal }
  await access.note(knock, caller, { ...said, status: 200 })
  const began = await route.raw(asked, c.env)
  return began.ok ? RESPONSE_ALREADY_SENT : problemOf(began.refusal)

  async function refuseWith(refusal: Refusal): Promise<Response> {
    const response = problemOf(refusal)
    await access.note(knock, caller, { ...said, status: response.status, code: refusal.code })
    return response
  }
}

async function dispatchJson(
  parts: DispatchParts,
  route: JsonRoute,
  c: HttpContext,
  knock: Knock,
  caller: Caller,
): Promise<Response> {
  let said: Said = { query: undefined, body: undefined }
  const words = wordsOf(route, c)
  if (!words.ok) return noted(words)
  const read = await bodyOf(route, c)
  if (!read.ok) return noted(read)
  said = { query: words.value.query, body: read.value?.value }
  const allowed = await parts.access.allow(knock, caller, said)
  if (!allowed.ok) return noted(allowed)
  const over = new AbortController()
  const headers = c.req.raw.headers
  const key = route.method === 'POST' ? headers.get('idempotency-key') : null
  // Who sends a key may ask again what came of it: that they are gone does not end it.
  const signal = key === null ? AbortSignal.any([c.req.raw.signal, over.signal]) : over.signal
  const asked: Asked = {
    ...parts.surroundings,
    ...words.value,
    body: said.body,
    knock,
    caller,
    headers,
    signal,
  }
  const carryOut = (): Promise<Response> => carriedOut(parts, route, asked, over)
  if (key === null) return noted(await carryOut())
  if (key === '' || key.length > KEY_MOST) {
    const place = {
      in: 'header',
      place: 'idempotency-key',
      message: `expected 1 to ${KEY_MOST} characters`,
    } as const
    return noted(refuse({ code: 'invalidRequest', message: place.message, places: [place] }))
  }
  const what = digestOf([route.method, c.req.url, read.value?.text ?? ''])
  const kept = await parts.idempotency.once(
    JSON.stringify([caller.name, key]),
    what,
    async () => keptOf(await carryOut()),
    // Runners are given inputs as they are, and leases.
    route.tellsSecret === true || route.topic === 'work',
  )
  return noted(
    'code' in kept ? refuse(kept) : new Response(kept.body, { status: kept.status, headers: kept.headers }),
  )

  async function noted(given: Response | Answer<unknown>): Promise<Response> {
    const refusal = given instanceof Response || given.ok ? undefined : given.refusal
    const response = given instanceof Response ? given : problemOf(refusal as Refusal)
    const code = refusal?.code ?? response.headers.get(CODE) ?? undefined
    response.headers.delete(CODE)
    if (code !== undefined) learn(c.env.incoming, { code })
    const came = { ...said, status: response.status, ...(code !== undefined && { code }) }
    const note = parts.access.note(knock, caller, came)
    if (route.method !== 'GET') await note
    return response
  }
}

async function carriedOut(
  { atOnce }: DispatchParts,
  route: JsonRoute,
  asked: Asked,
  over: AbortController,
): Promise<Response> {
  const etag = await route.etag?.(asked)
  const { headers } = asked
  if (etag !== undefined) {
    const stale = staleness(route, headers, etag)
    if (stale) return refused(stale)
    if (route.method === 'GET' && matches(headers.get('if-none-match'), etag))
      return new Response(null, { status: 304, headers: { etag } })
  }
  const work = atOnce.run(route, asked.signal, () => route.handle(asked))
  const given = await within(route.limitMs ?? LIMIT_MS, over, work)
  if (!given.ok) return refused(given.refusal)
  const isRead = route.method === 'GET'
  // What is kept to be said again is kept as it is.
  const packs = isRead ? headers : new Headers()
  return jsonAnswer(given.value, route.status ?? 200, packs, isRead ? etag : undefined)
}

/** Between what carries out and what notes; it never leaves. */
const CODE = 'x-anneal-code'

function refused(refusal: Refusal): Response {
  const response = problemOf(refusal)
  response.headers.set(CODE, refusal.code)
  return response
}

function staleness(route: JsonRoute, headers: Headers, etag: string): Refusal | undefined {
  const wanted = headers.get('if-match')
  if (wanted === null) {
    if (route.ifMatch !== 'always') return undefined
    return { code: 'mustMatch', message: 'what is changed here is named by If-Match', etag }
  }
  if (route.ifMatch === undefined || matches(wanted, etag)) return undefined
  return { code: 'movedOn', message: `it is ${etag} by now, and not ${wanted.slice(0, 100)}`, etag }
}

function matches(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^W\//, '')))
}

async function within<T>(
  limitMs: number,
  over: AbortController,
  work: Promise<Answer<T>>,
): Promise<Answer<T>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Answer<T>>((resolve) => {
    timer = setTimeout(() => {
      resolve(refuse({ code: 'tookTooLong', message: `no answer within ${limitMs / 1000} s`, limitMs }))
      over.abort()
    }, limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function knockOf(c: HttpContext, { method, path }: Route): Knock {
  const socket = c.env.incoming?.socket
  return {
    method: c.req.method === 'HEAD' ? 'GET' : method,
    route: path,
    params: paramsOf(c, path),
    headers: c.req.raw.headers,
    remote: socket?.remoteAddress ?? '',
    secure: socket !== undefined && 'encrypted' in socket && socket.encrypted === true,
  }
}

async function keptOf(response: Response): Promise<Kept> {
  return { status: response.status, headers: [...response.headers], body: await response.text() }
}
