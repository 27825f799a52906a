// At which level the log tells of a request: what was refused, what failed, what a server that ends does not take.
import { expect, test } from 'vitest'
import type { AnsweredRequest } from '../model/door-watch.ts'
import { logRequest } from './log-turns.ts'

const REQUEST: AnsweredRequest = {
  id: 'r1',
  method: 'GET',
  route: '/api/v1/status',
  status: 200,
  durationMs: 1.25,
}

test.each<[Partial<AnsweredRequest>, string, string]>([
  [{}, 'debug', 'request answered'],
  [{ method: 'POST' }, 'info', 'request answered'],
  [{ status: 404, code: 'unknownPath' }, 'warn', 'request refused'],
  [{ status: 503, code: 'journalFault' }, 'error', 'request failed'],
  [{ status: 503, code: 'draining' }, 'warn', 'request refused'],
])('%j', (said, level, message) => {
  const told: string[][] = []
  logRequest((...[at, what]) => void told.push([at, what]), { ...REQUEST, ...said })
  expect(told).toEqual([[level, message]])
})
