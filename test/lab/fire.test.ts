// An etcd cluster under fire, in short: what `npm run lab:fire` does for as long as one likes.
import { seedOr } from '../support/seed.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Card, deedCards, DEEDS, faultCards, FAULTS, MEMBERS } from '../fire/cards.ts'
import { Room } from '../fire/room.ts'
import { underFire } from '../fire/under-fire.ts'

const SEED = seedOr(20_261_125)
const FIRE_MS = 60_000
const LONG_MS = 600_000

test('a seed deals the same cards each time, and each kind before any comes again', () => {
  const dealt = (cards: Iterator<Card<string>>): Card<string>[] =>
    Array.from({ length: 36 }, () => cards.next().value as Card<string>)
  expect(dealt(faultCards(7, 1))).toEqual(dealt(faultCards(7, 1)))
  expect(dealt(faultCards(7, 1))).not.toEqual(dealt(faultCards(8, 1)))
  expect(dealt(faultCards(7, 1))).not.toEqual(dealt(faultCards(7, 2)))
  for (const [kinds, cards] of [
    [FAULTS, dealt(faultCards(7, 1))],
    [DEEDS, dealt(deedCards(7))],
  ] as const) {
    for (const from of [0, kinds.length]) {
      const pack = cards.slice(from, from + kinds.length).map(({ kind }) => kind)
      expect(pack.toSorted()).toEqual(kinds.toSorted())
    }
  }
})

test('there is room for as many to be hurt as a quorum can miss, and for none twice', async () => {
  const room = new Room(MEMBERS.length)
  const over = new AbortController()
  const got: string[] = []
  const take = (member: string): void =>
    void room.take(member, over.signal).then((taken) => got.push(taken ? member : `no ${member}`))
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  for (const member of ['a', 'a', 'b', 'c']) take(member)
  await settled()
  expect(got).toEqual(['a', 'b'])
  room.free('a')
  await settled()
  expect(got).toEqual(['a', 'b', 'a'])
  over.abort()
  await settled()
  expect(got).toEqual(['a', 'b', 'a', 'no c'])
})

test('whatever befalls hosts, connections and Anneal itself, the cluster ends whole and nothing acknowledged is lost', {
  timeout: LONG_MS,
}, async () => {
  const keepIn = mkdtempSync(join(tmpdir(), 'anneal-fire-'))
  const tale: string[] = []
  const { wrongs, ending } = await underFire({
    seed: SEED,
    forMs: FIRE_MS,
    keepIn,
    print: (line) => void tale.push(line),
  })
  expect(wrongs, `seed ${SEED}, kept in ${keepIn}\n${tale.join('\n')}`).toEqual([])
  expect(ending?.tally.acknowledged).toBeGreaterThan(100)
  rmSync(keepIn, { recursive: true })
})
