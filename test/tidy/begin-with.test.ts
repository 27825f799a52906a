// The table of test files that take long: each is there.
import { expect, test } from 'vitest'
import { LONG } from '../begin-with.ts'
import { FILES } from './tree.ts'

test('files that begin first are there', () => {
  expect(Object.keys(LONG).filter((path) => !FILES.includes(path))).toEqual([])
})
