// Packing: what comes out is what went in, and large values are kept once however many hold them.
import { expect, test } from 'vitest'
import type { Json } from '../base/json.ts'
import { Packer, unpack } from './packing.ts'

const members: Json = { n1: 'x'.repeat(50), n2: 'y'.repeat(50) }

test('a large value is kept once, equal ones written in another order too', () => {
  const packer = new Packer()
  const one = packer.pack({ port: 1, members })
  const other = packer.pack({ members: { n2: 'y'.repeat(50), n1: 'x'.repeat(50) } })
  expect(packer.list).toEqual([members])
  expect(unpack(one, packer.list)).toEqual({ port: 1, members })
  expect(unpack(one, packer.list)['members']).toBe(unpack(other, packer.list)['members'])
})

test('names that objects have of their own are names like any other', () => {
  const packer = new Packer()
  const values = { constructor: members, toString: 'short', valueOf: ['z'.repeat(100)] }
  expect(unpack(packer.pack(values), packer.list)).toEqual(values)
})
