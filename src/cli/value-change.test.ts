// Parts of a change, against what a reader would point at.
import { expect, test } from 'vitest'
import type { JsonObject } from '../base/json.ts'
import { valueParts } from './value-change.ts'

test('of a mapping: the keys that differ, however deep', () => {
  expect(
    valueParts({ kept: 1, gone: 2, deep: { x: 1, y: [1] } }, { kept: 1, come: 3, deep: { x: 2, y: [1] } }),
  ).toEqual([
    { what: 'added', path: 'come', value: 3 },
    { what: 'changed', path: 'deep.x', before: 1, after: 2 },
    { what: 'removed', path: 'gone', value: 2 },
  ])
})

test('of a list: items that went and came, each as often as it did', () => {
  expect(valueParts(['a', 'b', 'b'], ['b', 'c', 'c'])).toEqual([
    { what: 'removed', path: '', value: 'a' },
    { what: 'removed', path: '', value: 'b' },
    { what: 'added', path: '', value: 'c' },
    { what: 'added', path: '', value: 'c' },
  ])
  expect(valueParts({ list: ['a', 'b'] }, { list: ['b', 'a'] })).toEqual([{ what: 'moved', path: 'list' }])
})

test('of a text: its lines', () => {
  expect(valueParts('one\ntwo\n', 'one\n2\n')).toEqual([
    { what: 'removed', path: '', value: 'two' },
    { what: 'added', path: '', value: '2' },
  ])
})

test('of different kinds: before and after; of the same: nothing', () => {
  expect(valueParts({ a: [] }, { a: {} })).toEqual([{ what: 'changed', path: 'a', before: [], after: {} }])
  expect(valueParts('a', 'b')).toEqual([{ what: 'changed', path: '', before: 'a', after: 'b' }])
  expect(valueParts({ a: [1], b: { c: null } }, { b: { c: null }, a: [1] })).toEqual([])
})

test('names of our own kind are keys like others', () => {
  const before = JSON.parse('{"__proto__": 1}') as JsonObject
  expect(valueParts(before, {})).toEqual([{ what: 'removed', path: '__proto__', value: 1 }])
  expect(valueParts({ toString: 1 }, {})).toEqual([{ what: 'removed', path: 'toString', value: 1 }])
})
