// Any past moment, as board, status and list: what the journal says until then, whatever happened since.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BoardView } from '../../src/model/board.ts'
import { httpOperations } from '../../src/client/http-operations.ts'
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
    status: 404,
    body: { code: 'unknownEvent' },
  })
  expect(await api.get('/api/v1/status?at=1&time=1')).toMatchObject({
    status: 400,
    body: { places: [{ in: 'query', place: 'time' }] },
  })
})

test('status and list of then are of the same moment as the board, by event and by time', async () => {
  const operations = httpOperations({ url: api.url })
  for (let event = 0; event <= api.serving.head(); event++) {
    const { counts, rows, at } = await boardAt(event)
    const told = await operations.statusAt({ event })
    expect(told).toMatchObject({
      ok: true,
      value: { counts, past: at === undefined ? {} : { seq: event, at } },
    })
    const ids = told.ok ? told.value.nodeRoles.map(({ id }) => id) : []
    expect(ids.length).toBe(rows.length * 2)
    // Without HTTP in between it is the same, and of no more node-roles than were asked for.
    const here = await api.serving.operations.statusAt({ event }, 1)
    expect(here).toMatchObject({
      ok: true,
      value: { counts, past: at === undefined ? {} : { seq: event, at } },
    })
    expect(here.ok && here.value.nodeRoles.length).toBeLessThanOrEqual(1)
    if (at === undefined) continue
    const then = await operations.statusAt({ time: at }, 5)
    expect(then.ok && then.value.past).toMatchObject({ at })
  }
  const now = await operations.status()
  expect(await operations.statusAt({ event: api.serving.head() })).toMatchObject(now)
})
