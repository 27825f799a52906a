// Pages of a list: each begins where the one before ended; of one that is in order it costs what it shows.
import { expect, test } from 'vitest'
import { pageInOrder, pageOf } from './pages.ts'

const NAMES = Array.from({ length: 100_000 }, (_, i) => `n${String(i).padStart(6, '0')}`)

function walk(
  isMeant: (name: string) => boolean,
  limit: number,
): { names: string[]; looked: number; pages: number } {
  const told = { names: [] as string[], looked: 0, pages: 0 }
  let cursor: string | undefined
  do {
    const keyOf = (name: string): string => {
      told.looked++
      return name
    }
    const page = pageInOrder(NAMES, keyOf, { cursor, limit }, isMeant, (name) => name)
    if (!page.ok) throw new Error(page.refusal.message)
    told.names.push(...page.value.items)
    told.pages++
    cursor = page.value.next
  } while (cursor !== undefined)
  return told
}

test('all of them once and in order, and no page looks at what others show', () => {
  const { names, looked, pages } = walk(() => true, 1_000)
  expect(names).toEqual(NAMES)
  expect(pages).toBe(100)
  // A few to find where a page begins, and one to say where it ends.
  expect(looked).toBeLessThan(pages * 20)
})

test('of those that are meant, also where the last page is full, or there are none', () => {
  const isTenth = (name: string): boolean => name.endsWith('7')
  expect(walk(isTenth, 1_000)).toMatchObject({ names: NAMES.filter(isTenth), pages: 10 })
  expect(walk(() => false, 10)).toMatchObject({ names: [], pages: 1 })
})

test('what is no cursor of the list is refused', () => {
  for (const cursor of ['x', '', Buffer.from('7').toString('base64url')])
    expect(
      pageInOrder(
        NAMES,
        (name) => name,
        { cursor, limit: 10 },
        () => true,
        String,
      ).ok,
    ).toBe(false)
})

test('of a list that is sorted anew each begins after what was shown last, also where that is gone', () => {
  const pageAt = (names: readonly string[], cursor?: string) => {
    const page = pageOf(
      names,
      (name) => name,
      { cursor, limit: 2 },
      (name) => name,
    )
    return page.ok ? page.value : expect.fail(page.refusal.message)
  }
  const first = pageAt(['c', 'a', 'd', 'b'])
  expect(first.items).toEqual(['a', 'b'])
  expect(pageAt(['c', 'a', 'd', 'b'], first.next)).toEqual({ items: ['c', 'd'] })
  expect(pageAt(['c', 'a', 'd'], first.next)).toEqual({ items: ['c', 'd'] })
})
