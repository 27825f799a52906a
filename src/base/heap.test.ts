// The heap against a sorted list, for all sequences of pushes and pops.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap } from './heap.ts'

const byNumber = (a: number, b: number): number => a - b

test('gives the least item first, and undefined when empty', () => {
  const heap = new Heap(byNumber)
  expect(heap.pop()).toBeUndefined()
  expect(heap.peek()).toBeUndefined()
  for (const item of [3, 1, 2, 1]) heap.push(item)
  expect(heap.size).toBe(4)
  expect(heap.peek()).toBe(1)
  expect([heap.pop(), heap.pop(), heap.pop(), heap.pop(), heap.pop()]).toEqual([1, 1, 2, 3, undefined])
  expect(heap.size).toBe(0)
})

test('orders by the comparator that it was given', () => {
  const heap = new Heap<{ rank: number; id: string }>((a, b) => b.rank - a.rank || (a.id < b.id ? -1 : 1))
  for (const id of ['c', 'a', 'b']) heap.push({ rank: 1, id })
  heap.push({ rank: 9, id: 'z' })
  expect([1, 2, 3, 4].map(() => heap.pop()?.id)).toEqual(['z', 'a', 'b', 'c'])
})

test('law: behaves as a sorted list under any pushes and pops', () => {
  const step = fc.oneof(fc.record({ push: fc.integer({ min: -20, max: 20 }) }), fc.constant('pop' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap(byNumber)
      const list: number[] = []
      for (const move of steps) {
        if (move === 'pop') {
          expect(heap.pop()).toBe(list.shift())
        } else {
          heap.push(move.push)
          list.push(move.push)
          list.sort(byNumber)
        }
        expect(heap.size).toBe(list.length)
        expect(heap.peek()).toBe(list[0])
      }
    }),
  )
})
