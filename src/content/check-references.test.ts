// References as values: who may give one, to which inputs, and what is said of the others.
import { expect, test } from 'vitest'
import type { Json } from '../base/json.ts'
import type { Role } from '../model/role.ts'
import { checkReference } from './check-references.ts'

const input = (sensitive: boolean, more: object = {}): object => ({
  schema: {},
  sensitive,
  optional: false,
  ...more,
})
const role = {
  name: 'db',
  inputs: {
    password: input(true),
    read: input(true),
    chosen: input(true),
    early: input(true),
    open: input(false),
    made: input(true, { source: { kind: 'value', expression: "'x' + inputs.read" } }),
    picked: input(true, {
      source: {
        kind: 'output',
        role: 'r',
        output: 'o',
        take: 'map',
        wait: 'all',
        select: 'value[inputs.chosen]',
      },
    }),
  },
  outputs: { token: { schema: {}, sensitive: true, value: 'inputs["early"]' } },
} as unknown as Role

function told(name: string, value: Json, shipped = false): unknown {
  const complaint = checkReference(role, name, value, { shipped })
  return typeof complaint === 'object' ? complaint.code : complaint
}

const FILE = { secret: { file: '/etc/x' } }

test.each<[string, Json, unknown]>([
  ['password', FILE, 'sound'],
  ['password', { secret: { vault: { path: 'secret/db', field: 'password' } } }, 'sound'],
  ['password', 'hunter2', undefined],
  ['password', { secret: 'hunter2' }, 'badReference'],
  ['password', { secret: { fil: 'x' } }, 'badReference'],
  ['password', { secret: 'a', more: 'b' }, undefined],
  ['open', FILE, 'referenceInClear'],
  // What only looks like one is a value like any other there.
  ['open', { secret: 'thing' }, undefined],
  ['read', FILE, 'referenceIsRead'],
  ['chosen', FILE, 'referenceIsRead'],
  ['early', FILE, 'referenceIsRead'],
  ['read', 'a value', undefined],
])('%s: %j is %s', (name, value, expected) => {
  expect(told(name, value)).toBe(expected)
})

test('a package gives none', () => {
  expect(told('password', FILE, true)).toBe('shippedReference')
})

test('what was meant as one and is none is not shown', () => {
  const complaint = checkReference(role, 'password', { secret: 'hunter2' }, { shipped: false })
  expect(complaint).toMatchObject({ secret: true })
  expect(JSON.stringify(complaint)).not.toMatch(/hunter2/)
})
