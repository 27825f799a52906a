// The codec: what it refuses, and how it spreads a turn over batches.
import { afterEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '../base/json.ts'
import type { Event } from '../model/event.ts'
import { batchText, CodecError, decodeBatch, encodeTurn, FORMAT, UPCASTS } from './codec.ts'

const event: Event = { kind: 'nodeReached', node: 'a' }

function refusalOf(decode: () => unknown): { newer: boolean; message: string } {
  try {
    decode()
  } catch (error) {
    if (error instanceof CodecError) return { newer: error.newer, message: error.message }
    throw error
  }
  throw new Error('it was accepted')
}

test('turns of one batch keep their own times', () => {
  const text = batchText([...encodeTurn(1, [event, event]), ...encodeTurn(2, [event])])
  expect(decodeBatch(FORMAT, 7, text).map(({ seq, at }) => [seq, at])).toEqual([
    [7, 1],
    [8, 1],
    [9, 2],
  ])
})

test('a large turn is spread over parts of a thousand', () => {
  const parts = encodeTurn(
    1,
    Array.from({ length: 2_001 }, () => event),
  )
  expect(parts.map((part) => part.events)).toEqual([1_000, 1_000, 1])
})

test('a turn in which all members start with the map of all holds the map of all members once, and each gets it back', () => {
  const all = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`n${i}`, `address of ${i}`]))
  const events = Array.from({ length: 1_000 }, (_, i) => started(i, { all, own: i }))
  const text = batchText(encodeTurn(1, [event, ...events.slice(1)]))
  expect(text.length).toBeLessThan(JSON.stringify(all).length + 1_000 * 250)
  const read = decodeBatch(FORMAT, 1, text).map((one) => one.event)
  expect(read).toEqual([event, ...events.slice(1)])
  const [, first, second] = read as Extract<Event, { kind: 'runStarted' }>[]
  expect(first?.inputs['all']).toBe(second?.inputs['all'])
})

test('what an event shares is refused where it is not there', () => {
  const text = '[[1,[{"kind":"runStarted","inputs":{},"shared":{"all":1}}],[{}]]]'
  expect(refusalOf(() => decodeBatch(FORMAT, 1, text))).toMatchObject({ newer: false })
})

function started(i: number, inputs: JsonObject): Event {
  const run = { run: `run-${i}`, token: i, nodeRole: `d/n${i}/peers`, action: 'apply', attempt: 1 } as const
  return { kind: 'runStarted', ...run, digest: '', inputs, origins: {}, cause: { kind: 'new' } }
}

describe('refuses', () => {
  test.each([
    { what: 'a newer format', format: FORMAT + 1, text: '[]', newer: true, says: /format \d is newer/ },
    { what: 'a kind not known', format: FORMAT, text: '[[1,[{"kind":"x"}]]]', newer: true, says: /kind "x"/ },
    {
      what: 'a kind of the language',
      format: FORMAT,
      text: '[[1,[{"kind":"toString"}]]]',
      newer: true,
      says: /kind/,
    },
    { what: 'no kind', format: FORMAT, text: '[[1,[{}]]]', newer: true, says: /kind undefined/ },
    { what: 'no JSON', format: FORMAT, text: '[[1', newer: false, says: /not JSON/ },
    { what: 'no turns', format: FORMAT, text: '[[1,2]]', newer: false, says: /turns/ },
    {
      what: 'a format that is too old',
      format: 0,
      text: '[[1,[{}]]]',
      newer: false,
      says: /not known/,
    },
  ])('$what', ({ format, text, newer, says }) => {
    const refusal = refusalOf(() => decodeBatch(format, 1, text))
    expect(refusal.newer).toBe(newer)
    expect(refusal.message).toMatch(says)
  })
})

describe('events of older formats', () => {
  const step = UPCASTS[FORMAT - 1] as (typeof UPCASTS)[number]
  afterEach(() => {
    UPCASTS[FORMAT - 1] = step
  })

  test('are brought to what they mean today', () => {
    UPCASTS[FORMAT - 1] = ({ host, ...rest }) => ({ ...rest, node: host ?? '' })
    const recorded = decodeBatch(FORMAT - 1, 1, '[[5,[{"kind":"nodeReached","host":"a"}]]]')
    expect(recorded).toEqual([{ seq: 1, at: 5, event }])
  })
})
