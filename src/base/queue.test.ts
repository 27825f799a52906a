// The queue, as it grows while it is emptied.
import { expect, test } from 'vitest'
import { Queue } from './queue.ts'

test('first in, first out, also while it grows, and again when it was empty', () => {
  const queue = new Queue<number>()
  const out: number[] = []
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 1_500; i++) queue.push(i)
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      if (one === 10) queue.push(-1)
      out.push(one)
    }
    expect([queue.size, out.length, out[11], out.at(-1)]).toEqual([0, 1_501, 11, -1])
    out.length = 0
  }
})
