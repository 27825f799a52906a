// A whole list of the API, page after page.
import { type Answer, answer } from '../model/refusal.ts'
import { type Connection, request } from './request.ts'

const PAGE = 1_000

interface Page<T> {
  items: T[]
  next?: string
}

/** `path` with what is asked for, without cursor and limit; `most`: no further than that. */
export async function listOf<T>(connection: Connection, path: string, most = Infinity): Promise<Answer<T[]>> {
  const items: T[] = []
  const join = path.includes('?') ? '&' : '?'
  let next: string | undefined
  do {
    const cursor = next === undefined ? '' : `&cursor=${encodeURIComponent(next)}`
    const page = await request<Page<T>>(connection, `${path}${join}limit=${Math.min(PAGE, most)}${cursor}`)
    if (!page.ok) return page
    items.push(...page.value.items)
    next = page.value.next
  } while (next !== undefined && items.length < most)
  return answer(items.slice(0, most))
}
