// Asks the server: an answer, or why not in the same words that the command line has.
import { send } from '../../../src/client/request.ts'

/** What a problem+json says; `code` is that of our refusals, or of the way there. */
export interface Problem {
  code: string
  says: string
  next?: string
  status?: number
  /** All that came with it. */
  fields: Record<string, unknown>
}

export type Asked<T> = { ok: true; value: T } | { ok: false; problem: Problem }

/** Of the server itself and not of its site. */
const BESIDE: ReadonlySet<string> = new Set(['/auth', '/readyz'])

/** `path` below `/api/v1`, or one of BESIDE. Never throws for what the network or the server does. */
export async function ask<T>(path: string, init: Parameters<typeof send>[2] = {}): Promise<Asked<T>> {
  try {
    const response = await send({ url: '' }, BESIDE.has(path) ? path : `/api/v1${path}`, init)
    const text = await response.text()
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    // What HTTP says beside the refusal (its status, its sentence, what to do next) is for people, and they are here.
    if (!response.ok) return { ok: false, problem: problemOf(body, response.status) }
    return { ok: true, value: body as T }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') {
      return { ok: false, problem: { code: 'aborted', says: 'no longer asked for', fields: {} } }
    }
    return { ok: false, problem: UNREACHABLE }
  }
}

/** One key per click: a repeated request (a slow line, an impatient finger) is carried out once. */
export function tell<T>(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Asked<T>> {
  return ask<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), ...headers },
    body: JSON.stringify(body),
  })
}

export function problemOf(body: unknown, status: number): Problem {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const text = (key: string): string | undefined =>
    typeof fields[key] === 'string' ? (fields[key] as string) : undefined
  const next = text('next')
  return {
    code: text('code') ?? 'unknown',
    says: text('detail') ?? text('message') ?? text('title') ?? 'the server refused and did not say why',
    ...(next === undefined ? {} : { next }),
    status,
    fields,
  }
}

const UNREACHABLE: Problem = {
  code: 'unreachable',
  says: 'the server does not answer',
  next: 'anneal serve starts it; the page goes on by itself when it is back',
  fields: {},
}
