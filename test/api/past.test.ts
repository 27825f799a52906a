// The board of any past moment: what the journal says until then, whatever happened since.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BoardView } from '../../src/model/board.ts'
import { type TestApi, testApi } from '../support/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await testApi()
})
afterAll(async () => {
  await api.close()
  expect(api.mistakes).toEqual([])
})

async function boardAt(at: number): Promise<BoardView> {
  return (await api.get<BoardView>(`/api/v1/board?at=${at}`)).body
}

test('before anything there is nothing; at the head it is what it is now', async () => {
  expect((await boardAt(0)).rows).toEqual([])
  const { body: now } = await api.get<BoardView>('/api/v1/board')
  const { at, ...then } = await boardAt(now.seq)
  expect(then).toEqual(now)
  expect(at).toBeGreaterThan(0)
})

test('in between it is on its way: more and more is active, and nothing that was is lost', async () => {
  const head = api.serving.head()
  let active = 0
  for (let seq = 1; seq <= head; seq++) {
    const { counts } = await boardAt(seq)
    expect(counts.active).toBeGreaterThanOrEqual(active)
    active = counts.active
  }
  expect(active).toBe(4)
})

test('what has not happened yet cannot be looked at', async () => {
  expect(await api.get(`/api/v1/board?at=${api.serving.head() + 1}`)).toMatchObject({
    status: 400,
    body: { code: 'invalidRequest', places: [{ in: 'query', place: 'at' }] },
  })
})
