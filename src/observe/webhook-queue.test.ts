// The queue of one webhook by its rules: when what failed is tried again, what is given up, and what a dead receiver costs.
import { expect, test } from 'vitest'
import { ATTEMPTS_MOST, QUEUE_MOST, WebhookQueue } from './webhook-queue.ts'
import type { WebhookMessage } from './webhook-messages.ts'

const message = (key: string): WebhookMessage => ({ key, type: 'run.failed', at: 0, data: {} })
const failed = { result: 'failed' } as const

test('tries stretch over three days, as the specification proposes, and come to an end', () => {
  const queue = new WebhookQueue()
  queue.add(message('a'))
  const waits: number[] = []
  let now = 0
  for (let attempt = 1; attempt < ATTEMPTS_MOST; attempt++) {
    expect(queue.due(now, new Set(), 4)).toHaveLength(1)
    expect(queue.settle('a', failed, now, 0)).toBe('retried')
    const next = queue.nextAt(new Set()) as number
    expect(queue.due(next - 1, new Set(), 4)).toEqual([])
    waits.push((next - now) / 1000)
    now = next
  }
  expect(waits).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400])
  expect(queue.settle('a', failed, now, 0)).toBe('givenUp')
  expect([queue.size, queue.nextAt(new Set())]).toEqual([0, undefined])
})

test('chance spreads what failed together', () => {
  const queue = new WebhookQueue()
  queue.add(message('a'))
  queue.settle('a', failed, 0, 1)
  expect(queue.nextAt(new Set())).toBe(6_000)
})

test('after a failure one alone is tried, after a pause that grows; a success lets all go on', () => {
  const queue = new WebhookQueue()
  for (let index = 0; index < 10; index++) queue.add(message(`m${index}`))
  expect(queue.due(0, new Set(['m0']), 4).map((one) => one.message.key)).toEqual(['m1', 'm2', 'm3'])
  queue.settle('m0', failed, 0, 0)
  expect([queue.due(999, new Set(), 4).length, queue.nextAt(new Set())]).toEqual([0, 1_000])
  expect(queue.due(1_000, new Set(), 4).map((one) => one.message.key)).toEqual(['m1'])
  queue.settle('m1', failed, 1_000, 0)
  expect(queue.nextAt(new Set())).toBe(3_000)
  queue.settle('m2', { result: 'delivered' }, 3_000, 0)
  expect(queue.due(3_000, new Set(), 4)).toHaveLength(4)
})

test('it is bounded: the oldest has to go, and what waits already is not put twice', () => {
  const queue = new WebhookQueue()
  for (let index = 0; index < QUEUE_MOST; index++) expect(queue.add(message(`m${index}`))).toBeUndefined()
  expect([queue.add(message('m5')), queue.size]).toEqual([undefined, QUEUE_MOST])
  expect([queue.add(message('more')), queue.size]).toEqual(['m0', QUEUE_MOST])
})

test('what it keeps is what the next process has, and what is no message is left out', () => {
  const queue = new WebhookQueue()
  queue.add(message('a'))
  queue.settle('a', failed, 10, 0)
  const kept = JSON.parse(JSON.stringify(queue.keep())) as { gone: boolean; waiting: unknown[] }
  const next = new WebhookQueue()
  next.restore({ gone: false, waiting: [...kept.waiting, null, {}, { message: 7, attempts: 0 }] as never })
  expect(next.keep()).toEqual(kept)
  for (const strange of [null, 7, { waiting: 7 }, undefined]) new WebhookQueue().restore(strange)
})

test('what wants nothing more gets nothing more', () => {
  const queue = new WebhookQueue()
  queue.add(message('a'))
  queue.add(message('b'))
  expect(queue.settle('a', { result: 'gone' }, 0, 0)).toBe('givenUp')
  queue.add(message('c'))
  expect([queue.size, queue.gone]).toEqual([0, true])
})
