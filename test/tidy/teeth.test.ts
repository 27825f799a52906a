// The deliberate defects still fit: each one's text stands exactly once in its file, and what must catch it is there.
import { stripTypeScriptTypes } from 'node:module'
import { expect, test } from 'vitest'
import { harmed } from '../teeth/defect.ts'
import { DEFECTS } from '../teeth/defects.ts'
import { catches } from '../teeth/table.ts'
import { expectNone } from './offenders.ts'
import { FILES, textOf } from './tree.ts'

test('each defect finds its text exactly once', () => {
  const stale = DEFECTS.filter(
    (defect) => !FILES.includes(defect.file) || harmed(textOf(defect.file), defect) === undefined,
  )
  expectNone(
    stale.map(({ name, file }) => `${file}  ${name}`),
    'Write the defect anew for the code as it is now (test/teeth/defects), and see it caught: npm run teeth -- --only NAME',
  )
})

test('each defect changes something, and names tests that are there', () => {
  const wrong = DEFECTS.filter(
    ({ find, put, caughtBy }) =>
      find === put || caughtBy.length === 0 || caughtBy.some(({ path }) => !FILES.includes(path)),
  )
  expectNone(
    wrong.map(({ name }) => name),
    'Name the tests that must catch it',
  )
})

test('each defect leaves a program', () => {
  const broken = DEFECTS.filter((defect) => {
    const text = harmed(textOf(defect.file), defect) ?? ''
    return defect.file.endsWith('.ts') && !isProgram(text)
  })
  expectNone(
    broken.map(({ name }) => name),
    'What no longer loads is caught by anything: write the mistake as one that does',
  )
})

function isProgram(text: string): boolean {
  try {
    stripTypeScriptTypes(text)
    return true
  } catch {
    return false
  }
}

test('of each defect the table says what caught it', () => {
  const untold = [...catches()].filter(([, row]) => row === undefined)
  expectNone(
    untold.map(([name]) => name),
    'npm run teeth -- --write --only NAME',
  )
})

test('no two defects have one name', () => {
  expect(new Set(DEFECTS.map(({ name }) => name)).size).toBe(DEFECTS.length)
})
