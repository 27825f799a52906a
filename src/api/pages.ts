// Pages of a list: a cursor is the key of the last item that was shown, so what comes and goes in between moves nothing.
import { z } from '@hono/zod-openapi'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { invalid } from './read-request.ts'
import { wholeNumber, maybe } from './schemas/json.ts'

export interface Page<T> {
  items: T[]
  /** To be given as `cursor` for what comes after; absent on the last page. */
  next?: string
}

export const PAGE_QUERY = {
  cursor: z.string().max(2_000).optional().openapi({ description: '`next` of the page before' }),
  limit: wholeNumber(1, 1_000).default(100),
}

export function pageSchema<T>(name: string, item: z.ZodType<T>): z.ZodType<Page<T>> {
  return z.object({ items: z.array(item), next: maybe(z.string()) }).openapi(`${name}Page`)
}

/** `items` in the order of their keys, which no two share; numbers and texts are ordered as such. */
export function pageOf<T, V>(
  items: Iterable<T>,
  keyOf: (item: T) => string | number,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
  view: (item: T) => V,
  newestFirst = false,
): Answer<Page<V>> {
  const after = cursor === undefined ? undefined : keyIn(cursor)
  if (cursor !== undefined && after === undefined) return notACursor()
  const order = (a: string | number, b: string | number): number =>
    (a < b ? -1 : a > b ? 1 : 0) * (newestFirst ? -1 : 1)
  const left = [...items].filter((item) => {
    const key = keyOf(item)
    return after === undefined || (typeof key === typeof after && order(key, after) > 0)
  })
  left.sort((a, b) => order(keyOf(a), keyOf(b)))
  const shown = left.slice(0, limit)
  const last = shown.at(-1)
  const next = left.length > limit && last !== undefined ? { next: cursorOf(keyOf(last)) } : {}
  return answer({ items: shown.map(view), ...next })
}

/** The same of what is in the order of its keys already, all texts: costs what is passed by until a page is full, and no more. */
export function pageInOrder<T, V>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
  isMeant: (item: T) => boolean,
  view: (item: T) => V,
): Answer<Page<V>> {
  const after = cursor === undefined ? undefined : keyIn(cursor)
  if (cursor !== undefined && typeof after !== 'string') return notACursor()
  const shown: T[] = []
  for (
    let at = after === undefined ? 0 : placeAfter(items, keyOf, after as string);
    at < items.length;
    at++
  ) {
    const item = items[at] as T
    if (!isMeant(item)) continue
    if (shown.length === limit)
      return answer({ items: shown.map(view), next: cursorOf(keyOf(shown.at(-1) as T)) })
    shown.push(item)
  }
  return answer({ items: shown.map(view) })
}

/** Of the first whose key is larger. */
function placeAfter<T>(items: readonly T[], keyOf: (item: T) => string, key: string): number {
  let [from, until] = [0, items.length]
  while (from < until) {
    const middle = (from + until) >> 1
    if (keyOf(items[middle] as T) > key) until = middle
    else from = middle + 1
  }
  return from
}

function notACursor(): Answer<never> {
  return refuse(invalid([{ in: 'query', place: 'cursor', message: 'not a cursor of this list' }]))
}

function cursorOf(key: string | number): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

function keyIn(cursor: string): string | number | undefined {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return typeof key === 'string' || typeof key === 'number' ? key : undefined
  } catch {
    return undefined
  }
}
