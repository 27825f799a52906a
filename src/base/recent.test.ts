// What was asked lately is answered without asking again, in bounded room.
import { expect, test } from 'vitest'
import { rememberRecent } from './recent.ts'

function counting(characters: number): { ask: (text: string) => number; asked: string[] } {
  const asked: string[] = []
  const ask = rememberRecent(characters, (text) => {
    asked.push(text)
    return text.length
  })
  return { ask, asked }
}

test('the same text is worked out once', () => {
  const { ask, asked } = counting(100)
  expect(['aa', 'b', 'aa', 'b', 'aa'].map(ask)).toEqual([2, 1, 2, 1, 2])
  expect(asked).toEqual(['aa', 'b'])
})

test('what is asked for stays, and what is not is forgotten', () => {
  const { ask, asked } = counting(10)
  ask('once')
  for (let index = 0; index < 20; index++) {
    ask('often')
    ask(`${index}`)
  }
  expect(asked.filter((text) => text === 'often')).toHaveLength(1)
  ask('once')
  expect(asked.filter((text) => text === 'once')).toHaveLength(2)
})

test('a text that is larger than all the room is answered all the same', () => {
  const { ask } = counting(3)
  expect([ask('a long one'), ask('b'), ask('a long one')]).toEqual([10, 1, 10])
})
