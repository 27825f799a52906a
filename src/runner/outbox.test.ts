// What a runner has to tell comes whole, in order and once, whatever is lost on the way or refused.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Outbox } from './outbox.ts'

const HANDS = 4

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('log' as const),
      hand: fc.nat(HANDS - 1),
      pieces: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tell' as const), hand: fc.nat(HANDS - 1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('hear', 'answerIsLost', 'requestIsLost') }) },
)

test('a server hears each log whole and in order, and what came of a run after all of its log', () =>
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const outbox = new Outbox(() => {})
      const written = new Map<number, string[]>()
      const over = new Set<number>()
      const heard = new Map<number, string[]>()
      const toldOf = new Set<number>()
      const send = (how: string): void => {
        const next = outbox.next()
        if (how === 'requestIsLost') return
        for (const { hand, from, pieces } of next.asked.logs ?? []) {
          const log = heard.get(hand) ?? []
          expect(from).toBeLessThanOrEqual(log.length)
          pieces.forEach((piece, i) => void (log[from + i] = 'text' in piece ? piece.text : ''))
          heard.set(hand, log)
        }
        for (const { hand } of next.asked.told) {
          toldOf.add(hand)
          expect(heard.get(hand) ?? []).toEqual(written.get(hand) ?? [])
        }
        if (how === 'hear') outbox.heard(next, { taken: [], refused: [] })
      }
      for (const one of steps) {
        if (one.do === 'log' && !over.has(one.hand)) {
          const log = written.get(one.hand) ?? []
          const pieces = Array.from({ length: one.pieces }, (_, i) => ({ text: `${log.length + i}` }))
          void outbox.log(one.hand, pieces)
          written.set(one.hand, [...log, ...pieces.map(({ text }) => text)])
        } else if (one.do === 'tell' && !over.has(one.hand)) {
          over.add(one.hand)
          const outcome = { result: 'ok' as const, outputs: {}, filesChanged: [], durationMs: 1 }
          outbox.tell({ kind: 'run', hand: one.hand, outcome })
        } else send(one.do)
      }
      while (!outbox.isEmpty) send('hear')
      expect(heard).toEqual(written)
      expect(toldOf).toEqual(over)
    }),
    { seed: 7, numRuns: 300 },
  ))

test('who prints more than is heard waits, and goes on when it was', async () => {
  const outbox = new Outbox(() => {})
  const line = { text: 'x'.repeat(64 * 1024) }
  let waits = true
  const room = outbox.log(
    1,
    Array.from({ length: 100 }, () => line),
  )
  void room.then(() => (waits = false))
  await Promise.resolve()
  expect(waits).toBe(true)
  for (; waits; await Promise.resolve()) {
    const next = outbox.next()
    // Below what a server takes at once.
    expect(JSON.stringify(next.asked).length).toBeLessThan(4 * 1024 * 1024)
    outbox.heard(next, { taken: [], refused: [] })
  }
  await room
  expect(outbox.isEmpty).toBe(false)
})

test('what a server does not take is told alone, and then in other words; nothing else is held up by it', () => {
  const outbox = new Outbox(() => {})
  const outcome = { result: 'ok' as const, outputs: {}, filesChanged: [], durationMs: 1 }
  for (const hand of [1, 2]) outbox.tell({ kind: 'run', hand, outcome })
  outbox.unfit(outbox.next(), 'too deep')
  const alone = outbox.next()
  expect(alone.asked.told.map(({ hand }) => hand)).toEqual([1])
  outbox.unfit(alone, 'too deep')
  const other = outbox.next()
  expect(other.asked.told).toMatchObject([
    { hand: 1, outcome: { result: 'fault', fault: { code: 'garbled' } } },
  ])
  outbox.heard(other, { taken: [1], refused: [] })
  expect(outbox.next().asked.told).toMatchObject([{ hand: 2, outcome: { result: 'ok' } }])
})

test('nobody waits for room in one that is closed', async () => {
  const outbox = new Outbox(() => {})
  const line = { text: 'x'.repeat(64 * 1024) }
  const lines = Array.from({ length: 100 }, () => line)
  const room = outbox.log(1, lines)
  outbox.close()
  await room
  await outbox.log(1, lines)
  expect(outbox.isEmpty).toBe(true)
})
