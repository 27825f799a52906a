// The tail is what somebody reads who has no time: last lines, nothing that a terminal obeys.
import { expect, test } from 'vitest'
import { Tail } from './tail.ts'

test('keeps the last twenty lines of both streams, in the order in which they ended', () => {
  const tail = new Tail()
  for (let i = 0; i < 30; i++) tail.add(i % 2 === 0 ? 'stdout' : 'stderr', Buffer.from(`line ${i}\n`))
  const lines = tail.text().split('\n')
  expect(lines).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i + 10}`))
  expect(tail.lastLine()).toBe('line 29')
})

test('puts lines together that came in pieces, and keeps an unfinished one', () => {
  const tail = new Tail()
  tail.add('stdout', Buffer.from('hel'))
  tail.add('stderr', Buffer.from('oops\n'))
  tail.add('stdout', Buffer.from('lo\nand'))
  expect(tail.text()).toBe('oops\nhello\nand')
})

test('takes out terminal escapes, shows of a progress bar what it came to, and cuts long lines', () => {
  const tail = new Tail()
  tail.add(
    'stdout',
    Buffer.from('\u001b[31mred\u001b[0m \u001b]0;title\u0007\n10%\r50%\r100%\n\n\u0000bell\u0007\n'),
  )
  tail.add('stdout', Buffer.from(`${'x'.repeat(2_000_000)}\n`))
  const [red, progress, bell, long] = tail.text().split('\n')
  expect(red).toBe('red')
  expect(progress).toBe('100%')
  expect(bell).toBe('\u2400bell\u2407')
  expect(long).toHaveLength(500)
})

test('a progress bar of a million returns costs no more than its length', () => {
  const tail = new Tail()
  for (let time = 0; time < 16; time++) tail.add('stderr', Buffer.from(`${'\r'.repeat(65_000)}x\n`))
  expect(tail.lastLine()).toBe('x')
})
