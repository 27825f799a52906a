// How many logins go on at once: what an operator says, where it can be used.
import { expect, test } from 'vitest'
import { loginsAtOnce } from './logins.ts'

const told = (value: string | undefined): [number, number] => {
  const said: string[] = []
  return [loginsAtOnce({ ANNEAL_LOGINS: value }, (message) => said.push(message)), said.length]
}

test('a number within reason counts, and all else is said and left aside', () => {
  expect([undefined, '', ' '].map(told)).toEqual([
    [16, 0],
    [16, 0],
    [16, 0],
  ])
  expect(['1', ' 64 ', '1000'].map(told)).toEqual([
    [1, 0],
    [64, 0],
    [1_000, 0],
  ])
  for (const wrong of ['0', '1001', '-1', '1.5', '6e1', 'many', '0x10', '99999'])
    expect(told(wrong)).toEqual([16, 1])
})
