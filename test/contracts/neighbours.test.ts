// Releases beside each other: what this one writes, the one before it reads; what each reads stands beside its sample journal.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { FORMAT, KINDS } from '../../src/journal/codec.ts'
import { LAYOUT as POSTGRES } from '../../src/journal/postgres-schema.ts'
import { LAYOUT as SQLITE } from '../../src/journal/sqlite-schema.ts'
import { isUnderstood, RUNNER_PROTOCOL } from '../../src/model/runner-talk.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { VERSION } from '../../src/wire-home.ts'

interface Reads {
  format: number
  layouts: { sqlite: number; postgres: number }
  runnerProtocol: number
  kinds: string[]
}

const SAMPLES = fileURLToPath(new URL('../journals', import.meta.url))
const OURS: Reads = {
  format: FORMAT,
  layouts: { sqlite: SQLITE, postgres: POSTGRES },
  runnerProtocol: RUNNER_PROTOCOL,
  kinds: Object.keys(KINDS).sort(),
}

test('what this release reads is written down, for the next one', () => {
  const file = join(SAMPLES, VERSION, 'reads.json')
  if (process.env['ANNEAL_REWRITE'] === '1') writeFileSync(file, `${JSON.stringify(OURS, null, 2)}\n`)
  expect(readsOf(VERSION), 'ANNEAL_REWRITE=1 vitest run test/contracts/neighbours.test.ts writes it').toEqual(
    OURS,
  )
})

test('the release before reads what this one writes, and both understand each other’s runners', () => {
  const before = releases().findLast((release) => older(release, VERSION))
  // There was no release before the first.
  if (before === undefined) return expect(VERSION).toBe('0.1.0')
  const theirs = readsOf(before)
  expect(FORMAT, 'a format is read by one release, and written from the next one on').toBe(theirs.format)
  expect(OURS.layouts, 'the same with tables').toEqual(theirs.layouts)
  expect(isUnderstood(theirs.runnerProtocol)).toBe(true)
})

test('a release has an edition of the language of its own: what another one bound is bound anew', () => {
  expect(makeLanguage().edition).toBe(VERSION)
})

function readsOf(release: string): Reads {
  return JSON.parse(readFileSync(join(SAMPLES, release, 'reads.json'), 'utf8')) as Reads
}

function releases(): string[] {
  return readdirSync(SAMPLES)
    .filter((name) => /^\d+\.\d+\.\d+$/.test(name))
    .sort((one, other) => (older(one, other) ? -1 : 1))
}

function older(one: string, other: string): boolean {
  const [a, b] = [one, other].map((release) => release.split('.').map(Number)) as [number[], number[]]
  const differs = a.findIndex((number, i) => number !== b[i])
  return differs >= 0 && (a[differs] as number) < (b[differs] as number)
}
