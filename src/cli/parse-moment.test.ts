// Moments as people write them, held against what they mean at noon of a day.
import { expect, test } from 'vitest'
import { parseMoment } from './parse-moment.ts'

const NOON = new Date(2026, 10, 23, 12, 0, 0).getTime()
const local = (hour: number, minute = 0, second = 0, ms = 0, day = 23): { time: number } => ({
  time: new Date(2026, 10, day, hour, minute, second, ms).getTime(),
})
const meant = (text: string) => parseMoment(text)(NOON)

test.each([
  ['412', { event: 412 }],
  ['0', { event: 0 }],
  ['2h', local(10)],
  ['1h30m', local(10, 30)],
  ['10:15', local(10, 15)],
  ['2026-11-23 10:15', local(10, 15)],
  ['2026-11-22T23:59', local(23, 59, 0, 0, 22)],
  ['2026-11-23T10:15Z', { time: Date.UTC(2026, 10, 23, 10, 15) }],
  ['2026-11-23 10:15:30+02:00', { time: Date.UTC(2026, 10, 23, 8, 15, 30) }],
])('%s', (text, moment) => expect(meant(text)).toEqual(moment))

test('a time of day is the last one that there was', () => {
  expect(meant('23:00')).toEqual(local(23, 0, 0, 0, 22))
  expect(meant('12:00')).toEqual(local(12))
})

test('a second, as the timeline shows it, holds all that happened in it', () => {
  expect(meant('2026-11-23 10:15:30')).toEqual(local(10, 15, 30, 999))
})

test.each(['', 'yesterday', '-1', '25:00', '10:60', '2026-02-31 10:00', '2026-11-23', 'run-7', '1e3'])(
  'not a moment: %s',
  (text) => expect(() => parseMoment(text)).toThrow(/expected a time/),
)
