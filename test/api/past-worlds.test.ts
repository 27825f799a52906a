// The past: a board of any moment is what it was then, in whatever order moments are asked for, and is not read twice.
import { afterEach, expect, test } from 'vitest'
import { PastWorlds } from '../../src/api/past-worlds.ts'
import { viewBoard } from '../../src/annealer/view-board.ts'
import { replay, settle } from '../../src/annealer/turn.ts'
import { newWorld } from '../../src/annealer/world.ts'
import type { BoardView } from '../../src/model/board.ts'
import { dice } from '../simulation/dice.ts'
import { type TestApi, testApi } from '../support/api.ts'

let api: TestApi
afterEach(async () => {
  await api.close()
  expect(api.mistakes).toEqual([])
})

const NEVER = new AbortController().signal

test('each moment is as it was, whichever was looked at before', async () => {
  api = await testApi()
  const { serving } = api
  const past = new PastWorlds(serving)
  const roll = dice(3, 'moments')
  for (let times = 0; times < 60; times++) {
    const seq = roll.between(0, serving.head())
    const told = await past.at(seq, NEVER, (world) => viewBoard(world, seq, {}))
    expect(told).toEqual({ ok: true, value: await boardAt(seq) })
  }
})

test('who looks forward step by step reads the journal once; many at once are told right', async () => {
  api = await testApi()
  const { serving } = api
  const past = new PastWorlds(serving)
  const seqs = Array.from({ length: serving.head() + 1 }, (_, seq) => seq)
  const told = await Promise.all(seqs.map((seq) => past.at(seq, NEVER, (world) => viewBoard(world, seq, {}))))
  expect(past.replayed).toBe(serving.head())
  for (const [seq, board] of told.entries()) expect(board).toEqual({ ok: true, value: await boardAt(seq) })
})

test('who is gone is not worked for, and leaves nothing half', async () => {
  api = await testApi()
  const { serving } = api
  const past = new PastWorlds(serving)
  const gone = AbortSignal.abort()
  expect(await past.at(serving.head(), gone, () => 1)).toMatchObject({ refusal: { code: 'notServing' } })
  const told = await past.at(serving.head(), NEVER, (world) => viewBoard(world, serving.head(), {}))
  expect(told).toEqual({ ok: true, value: await boardAt(serving.head()) })
})

test('over HTTP', async () => {
  api = await testApi()
  const head = api.serving.head()
  const now = await api.get<BoardView>('/api/v1/board')
  expect((await api.get(`/api/v1/board?at=${head}`)).body).toMatchObject({
    rows: now.body.rows,
    at: expect.any(Number),
  })
  expect((await api.get('/api/v1/board?at=0')).body).toMatchObject({ seq: 0, rows: [], revision: 0 })
  expect(await api.get(`/api/v1/board?at=${head + 1}`)).toMatchObject({ status: 400 })
})

/** From nothing, in one go. */
async function boardAt(seq: number): Promise<BoardView> {
  const world = newWorld(await api.serving.ask(({ language }) => language))
  for await (const batch of api.serving.events(0))
    for (const recorded of batch) if (recorded.seq <= seq) replay(world, recorded.at, recorded.event)
  settle(world)
  return viewBoard(world, seq, {})
}
