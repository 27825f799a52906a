// What is sensitive: which inputs of an order are followed to a secret, and which are values whatever they look like.
import { expect, test } from 'vitest'
import type { Role } from '../model/role.ts'
import { referencesIn, sensitiveAmong } from './sensitive.ts'

const WORD = { secret: { file: '/etc/shadow' } }
const role = {
  inputs: {
    given: { schema: {}, sensitive: true, optional: false },
    open: { schema: {}, sensitive: false, optional: false },
    read: {
      schema: {},
      sensitive: true,
      optional: false,
      source: { kind: 'output', role: 'r', output: 'o' },
    },
    fact: { schema: {}, sensitive: true, optional: false, source: { kind: 'fact', path: ['x'] } },
  },
  outputs: { token: { schema: {}, sensitive: true }, port: { schema: {}, sensitive: false } },
} as unknown as Role

test('what a node or another role says is never followed', () => {
  expect(referencesIn(role, { given: WORD, open: WORD, read: WORD, fact: WORD })).toEqual(['given'])
  expect(referencesIn(role, { given: { secret: 'x' } })).toEqual([])
  expect(referencesIn(role, {})).toEqual([])
})

test('an event names those of its values that are secrets, and all of them where the role is gone', () => {
  expect(sensitiveAmong('inputs', role, { given: 'a', open: 'b', fact: 'c' })).toEqual({
    sensitive: ['given', 'fact'],
  })
  expect(sensitiveAmong('outputs', role, { port: 1 })).toEqual({})
  expect(sensitiveAmong('outputs', undefined, { port: 1 })).toEqual({ sensitive: ['port'] })
})
