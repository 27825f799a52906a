// The parts of a request: words of its path and query, and its body, each bounded and read by the schemas of its route.
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { readBody, readWords } from './read-request.ts'
import type { Route } from './route.ts'

export type HttpContext = Context<{ Bindings: HttpBindings }>

const BODY_MOST = 1024 * 1024

export function paramsOf(c: HttpContext, path: string): Record<string, string> {
  return Object.fromEntries(
    [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, c.req.param(name) ?? '']),
  )
}

export function wordsOf(route: Route, c: HttpContext): Answer<{ params: unknown; query: unknown }> {
  const params = readWords('path', route.params ?? {}, Object.entries(paramsOf(c, route.path)))
  if (!params.ok) return params
  if (route.anyQuery) return answer({ params: params.value, query: {} })
  const search = new URL(c.req.url).searchParams
  const query = readWords('query', route.query ?? {}, search)
  return query.ok ? answer({ params: params.value, query: query.value }) : query
}

export async function bodyOf(
  route: Route,
  c: HttpContext,
): Promise<Answer<{ value: unknown; text: string } | undefined>> {
  if (route.bytes) {
    const bytes = await bytesOf(c.req.raw, route.mostBytes ?? BODY_MOST)
    return bytes.ok ? answer({ value: bytes.value, text: '' }) : bytes
  }
  if (!route.body) return answer(undefined)
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    const message = type === '' ? 'no content-type is given' : `${type?.slice(0, 100)} is not taken here`
    return refuse({ code: 'wrongContentType', message, expected: ['application/json'] })
  }
  const bytes = await bytesOf(c.req.raw, route.mostBytes ?? BODY_MOST)
  if (!bytes.ok) return bytes
  const text = bytes.value.toString()
  const read = readBody(route.body, text)
  return read.ok ? answer({ value: read.value, text }) : read
}

export async function bytesOf(request: Request, mostBytes: number): Promise<Answer<Buffer>> {
  const tooLarge: Refusal = { code: 'tooLarge', message: `more than ${mostBytes} bytes`, mostBytes }
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) return refuse(tooLarge)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.length
    if (length > mostBytes) return refuse(tooLarge)
    chunks.push(chunk)
  }
  return answer(Buffer.concat(chunks))
}
