// The past: a board of any moment is what it was then, in whatever order moments are asked for, and is not read twice.
import { afterEach, expect, test } from 'vitest'
import { PastWorlds } from '../../src/engine/past-worlds.ts'
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
  const past = pastOf(api)
  const roll = dice(3, 'moments')
  for (let times = 0; times < 60; times++) {
    const seq = roll.between(0, serving.head())
    const told = await past.at({ event: seq }, NEVER, (world) => viewBoard(world, seq, {}))
    expect(told).toEqual({ ok: true, value: await boardAt(seq) })
  }
})

test('who looks forward step by step reads the journal once; many at once are told right', async () => {
  api = await testApi()
  const { serving } = api
  const past = pastOf(api)
  const seqs = Array.from({ length: serving.head() + 1 }, (_, seq) => seq)
  const told = await Promise.all(
    seqs.map((seq) => past.at({ event: seq }, NEVER, (world) => viewBoard(world, seq, {}))),
  )
  expect(past.replayed).toBe(serving.head())
  for (const [seq, board] of told.entries()) expect(board).toEqual({ ok: true, value: await boardAt(seq) })
})

test('who is gone is not worked for, and leaves nothing half', async () => {
  api = await testApi()
  const { serving } = api
  const past = pastOf(api)
  const gone = AbortSignal.abort()
  const head = serving.head()
  expect(await past.at({ event: head }, gone, () => 1)).toMatchObject({ refusal: { code: 'notServing' } })
  expect(past.replayed).toBe(0)
  const told = await past.at({ event: head }, NEVER, (world) => viewBoard(world, head, {}))
  expect(told).toEqual({ ok: true, value: await boardAt(head) })
})

test('who goes while others are before them is answered at once', async () => {
  api = await testApi()
  let go = (): void => {}
  const held = new Promise<void>((resolve) => {
    go = resolve
  })
  const past = new PastWorlds({
    language: () => held.then(() => api.serving.ask(({ language }) => language)),
    events: (after) => api.serving.events(after),
  })
  const first = past.at({ event: 1 }, NEVER, () => 'first')
  const gone = new AbortController()
  const second = past.at({ event: 2 }, gone.signal, () => 'second')
  gone.abort()
  expect(await second).toMatchObject({ refusal: { code: 'notServing' } })
  go()
  expect(await first).toEqual({ ok: true, value: 'first' })
})

test('a time is after the last event until then', async () => {
  api = await testApi()
  const past = pastOf(api)
  const all: { seq: number; at: number }[] = []
  for await (const batch of api.serving.events(0)) all.push(...batch)
  const seqAt = async (time: number) => past.at({ time }, NEVER, (_world, { seq }) => seq)
  for (const { at } of all.toReversed()) {
    const last = all.findLast((one) => one.at <= at)
    expect(await seqAt(at)).toEqual({ ok: true, value: last?.seq })
  }
  expect(await seqAt((all[0]?.at ?? 0) - 1)).toEqual({ ok: true, value: 0 })
  expect(await seqAt(Number.MAX_SAFE_INTEGER)).toEqual({ ok: true, value: all.at(-1)?.seq })
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
  expect(await api.get(`/api/v1/board?at=${head + 1}`)).toMatchObject({ status: 404 })
})

function pastOf({ serving }: TestApi): PastWorlds {
  return new PastWorlds({
    language: () => serving.ask(({ language }) => language),
    events: (after) => serving.events(after),
  })
}

/** From nothing, in one go. */
async function boardAt(seq: number): Promise<BoardView> {
  const world = newWorld(await api.serving.ask(({ language }) => language))
  for await (const batch of api.serving.events(0))
    for (const recorded of batch) if (recorded.seq <= seq) replay(world, recorded.at, recorded.event)
  settle(world)
  return viewBoard(world, seq, {})
}
