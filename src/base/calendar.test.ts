// Windows of a calendar: what is one, when it is open, and when the next opens.
import { expect, test } from 'vitest'
import { isOpen, nextClosing, nextOpening, parseWindow } from './calendar.ts'

const at = (text: string): number => Date.parse(text)

function windows(...texts: string[]) {
  return texts.map((text) => {
    const window = parseWindow(text)
    if (!window) throw new Error(`${text} is no window`)
    return window
  })
}

test('days may be left out, listed and given as a range, also over the week’s end', () => {
  expect(windows('02:00-04:00')[0]?.days).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(windows('Sat,Mon 02:00-04:00')[0]?.days).toEqual([1, 6])
  expect(windows('Fri-Mon 02:00-04:00')[0]?.days).toEqual([0, 1, 5, 6])
})

test.each([
  '',
  '2-4',
  '02:00',
  'Someday 02:00-04:00',
  '25:00-26:00',
  '02:61-03:00',
  '02:00-04:00 Mars/Base',
  'Mon-Tue-Wed 1:00-2:00',
])('%j is no window', (text) => {
  expect(parseWindow(text)).toBeUndefined()
})

test('a window is open from its first minute to before its last', () => {
  const [window] = windows('Sat 02:00-04:00')
  const open = (text: string): boolean => window !== undefined && isOpen(window, at(text))
  expect(open('2026-01-03T01:59:59Z')).toBe(false)
  expect(open('2026-01-03T02:00:00Z')).toBe(true)
  expect(open('2026-01-03T03:59:59Z')).toBe(true)
  expect(open('2026-01-03T04:00:00Z')).toBe(false)
  expect(open('2026-01-04T02:30:00Z')).toBe(false)
})

test('a window over midnight belongs to the day on which it opens', () => {
  const [window] = windows('Sat 22:00-04:00')
  const open = (text: string): boolean => window !== undefined && isOpen(window, at(text))
  expect(open('2026-01-03T23:00:00Z')).toBe(true)
  expect(open('2026-01-04T03:00:00Z')).toBe(true)
  expect(open('2026-01-03T03:00:00Z')).toBe(false)
  expect(open('2026-01-04T22:30:00Z')).toBe(false)
})

test('24:00 ends a day', () => {
  const [window] = windows('Sat 22:00-24:00')
  expect(window && isOpen(window, at('2026-01-03T23:59:00Z'))).toBe(true)
  expect(window && isOpen(window, at('2026-01-04T00:00:00Z'))).toBe(false)
})

test('a zone counts its own hours, in summer and in winter', () => {
  const [window] = windows('02:00-04:00 Europe/Berlin')
  expect(window && isOpen(window, at('2026-01-03T01:30:00Z'))).toBe(true)
  expect(window && isOpen(window, at('2026-07-03T00:30:00Z'))).toBe(true)
  expect(window && isOpen(window, at('2026-07-03T02:30:00Z'))).toBe(false)
})

test('the next opening is now, later today, next week, or the nearest of several', () => {
  const saturday = windows('Sat 02:00-04:00')
  expect(nextOpening(saturday, at('2026-01-03T03:00:00Z'))).toBe(at('2026-01-03T03:00:00Z'))
  expect(nextOpening(saturday, at('2026-01-03T01:00:30Z'))).toBe(at('2026-01-03T02:00:00Z'))
  expect(nextOpening(saturday, at('2026-01-03T04:00:00Z'))).toBe(at('2026-01-10T02:00:00Z'))
  expect(nextOpening(windows('Sat 02:00-04:00', 'Wed 12:00-13:00'), at('2026-01-04T00:00:00Z'))).toBe(
    at('2026-01-07T12:00:00Z'),
  )
})

test('the next opening is right over the nights in which clocks are changed', () => {
  const night = windows('03:30-04:00 Europe/Berlin')
  expect(nextOpening(night, at('2026-03-29T00:30:00Z'))).toBe(at('2026-03-29T01:30:00Z'))
  expect(nextOpening(night, at('2026-10-25T00:30:00Z'))).toBe(at('2026-10-25T02:30:00Z'))
})

test('the next closing is that of the last window without a gap; there is none where none is open, or always one', () => {
  const night = windows('22:00-00:02')
  expect(nextClosing(night, at('2026-01-03T23:10:30Z'))).toBe(at('2026-01-04T00:02:00Z'))
  expect(nextClosing(night, at('2026-01-04T00:01:59Z'))).toBe(at('2026-01-04T00:02:00Z'))
  expect(nextClosing(night, at('2026-01-04T00:02:00Z'))).toBeUndefined()
  expect(nextClosing(windows('Sat 01:00-02:00', 'Sat 02:00-03:00'), at('2026-01-03T01:30:00Z'))).toBe(
    at('2026-01-03T03:00:00Z'),
  )
  expect(nextClosing(windows('00:00-12:00', '12:00-24:00'), at('2026-01-03T01:30:00Z'))).toBeUndefined()
})
