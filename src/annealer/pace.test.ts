// What makes a pace, and how unsure it is.
import { expect, test } from 'vitest'
import { Pace } from './pace.ts'

function paceOf(...cycles: number[][]): Pace {
  const pace = new Pace()
  for (const [cycle, shares] of cycles.entries()) for (const share of shares) pace.note(`${cycle}`, share)
  return pace
}

test('as usual where nothing is known, and where runs take as long as before', () => {
  expect(paceOf()).toMatchObject({ factor: 1, unsure: 0 })
  expect(paceOf([1, 1], [1, 1, 1])).toMatchObject({ factor: 1, unsure: 0 })
})

test('slower the more runs are slower, and never more than they are', () => {
  const [one, three, many] = [1, 3, 40].map((count) => paceOf(Array.from({ length: count }, () => 2)).factor)
  expect(one).toBeGreaterThan(1)
  expect(three).toBeGreaterThan(one as number)
  expect(many).toBeGreaterThan(three as number)
  expect(many).toBeLessThan(2)
})

test('forgets what lies back', () => {
  const slow = Array.from({ length: 20 }, () => 3)
  const usual = Array.from({ length: 20 }, () => 1)
  expect(paceOf(slow, usual).factor).toBeLessThan(1.2)
  expect(paceOf(usual, slow).factor).toBeGreaterThan(1.5)
})

test('one run that hung is not a pace', () => {
  expect(paceOf([1, 1, 1, 100_000]).factor).toBeLessThan(2)
})

test('twice as long and half as long are equally far', () => {
  expect(paceOf([2, 0.5, 0.5, 2, 2, 0.5]).factor).toBeCloseTo(1, 0)
  expect(paceOf([2]).unsure).toBeCloseTo(paceOf([0.5]).unsure)
})

test('unsure by how far whole cycles were from the pace before them', () => {
  const steady = paceOf([2, 2, 2], [2, 2, 2], [2, 2, 2], [2, 2, 2], [2, 2, 2])
  const wild = paceOf([2, 2, 2], [0.5, 0.5, 0.5], [2, 2, 2], [0.5, 0.5, 0.5], [2, 2, 2])
  expect(wild.unsure).toBeGreaterThan(1.5 * steady.unsure)
})
