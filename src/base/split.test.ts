// Splitting JSON into texts and joining them gives the same value.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../base/json.ts'
import { joinJson, splitJson } from './split.ts'

const through = (value: Json): Json => joinJson([...splitJson(value)])

test('a small value is one text', () => {
  expect([...splitJson({ a: [1, { b: null }] })]).toEqual(['[[],{"a":[1,{"b":null}]}]'])
})

test('wide containers are taken apart, and order is kept', () => {
  const wide = Object.fromEntries(
    Array.from({ length: 3_000 }, (_, i) => [`k${i}`, { text: 'x'.repeat(1_000), i }]),
  )
  const value: JsonObject = {
    first: 1,
    world: { list: Array.from({ length: 2_000 }, (_, i) => [i]), wide },
    last: [],
  }
  const texts = [...splitJson(value)]
  expect(texts.length).toBeGreaterThan(5)
  for (const text of texts) expect(text.length).toBeLessThan(1_100_000)
  expect(JSON.stringify(joinJson(texts))).toBe(JSON.stringify(value))
})

test('keys that mean something to the language are keys like any other', () => {
  const members = Array.from({ length: 1_500 }, (_, i) => `"k${i}":${i}`).join(',')
  const text = `{"__proto__":{${members},"__proto__":{"x":1}},"constructor":{${members}},"root":1}`
  expect(JSON.stringify(through(JSON.parse(text) as Json))).toBe(text)
})

test('law: any value comes back', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const value = JSON.parse(text) as Json
      expect(JSON.stringify(through(value))).toBe(JSON.stringify(value))
      const wide: Json = Array.from({ length: 1_001 }, (_, i) => (i === 500 ? value : i))
      expect(JSON.stringify(through({ wide, value }))).toBe(JSON.stringify({ wide, value }))
    }),
  )
})
