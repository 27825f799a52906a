// A costly route: so many at once, the others in line, and who is gone keeps no place.
import { expect, test } from 'vitest'
import { type Answer, answer } from '../model/refusal.ts'
import { AtOnce } from './at-once.ts'
import type { Route } from './route.ts'

const ROUTE = { method: 'GET', path: '/costly', atOnce: 2 } as Route
const STAYS = new AbortController().signal

/** Work that ends when it is told to, and says when it began. */
function works(): {
  began: string[]
  work: (name: string) => () => Promise<Answer<string>>
  end: (name: string) => void
} {
  const began: string[] = []
  const ends = new Map<string, () => void>()
  const work = (name: string) => () =>
    new Promise<Answer<string>>((resolve) => {
      began.push(name)
      ends.set(name, () => resolve(answer(name)))
    })
  return { began, work, end: (name) => ends.get(name)?.() }
}

test('two at once; who comes then has the place of the first that is done, in the order of the line', async () => {
  const { began, work, end } = works()
  const places = new AtOnce()
  const all = ['a', 'b', 'c', 'd'].map((name) => places.run(ROUTE, STAYS, work(name)))
  expect(began).toEqual(['a', 'b'])
  end('b')
  await all[1]
  await expect.poll(() => began).toEqual(['a', 'b', 'c'])
  end('a')
  await expect.poll(() => began).toEqual(['a', 'b', 'c', 'd'])
  end('c')
  end('d')
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'].map(answer))
})

test('who is gone leaves the line, and is never worked for', async () => {
  const { began, work, end } = works()
  const places = new AtOnce()
  const first = ['a', 'b'].map((name) => places.run(ROUTE, STAYS, work(name)))
  const gone = new AbortController()
  const left = places.run(ROUTE, gone.signal, work('gone'))
  const last = places.run(ROUTE, STAYS, work('last'))
  gone.abort()
  expect(await left).toMatchObject({ refusal: { code: 'notServing' } })
  expect(await places.run(ROUTE, gone.signal, work('gone before'))).toMatchObject({ ok: false })
  end('a')
  await expect.poll(() => began).toEqual(['a', 'b', 'last'])
  for (const name of ['b', 'last']) end(name)
  await Promise.all([...first, last])
})

test('a line has an end, and who finds it full is told so; what fails gives its place back', async () => {
  const places = new AtOnce()
  const failed = places.run(ROUTE, STAYS, () => Promise.reject(new Error('a mistake')))
  await expect(failed).rejects.toThrow('a mistake')
  const { began, work, end } = works()
  const all = Array.from({ length: 34 }, (_, i) => places.run(ROUTE, STAYS, work(`${i}`)))
  expect(began).toEqual(['0', '1'])
  const told = await places.run(ROUTE, STAYS, work('one too many'))
  expect(told).toMatchObject({
    refusal: {
      code: 'notServing',
      message: 'the server is busy: 32 wait in line for GET /costly, of which it carries out 2 at a time',
    },
  })
  for (let i = 0; i < 34; i++) {
    await expect.poll(() => began.includes(`${i}`)).toBe(true)
    end(`${i}`)
  }
  await Promise.all(all)
})
