// What is remembered of documents: by text, format and version, and nothing where there is no place for it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KnownToFit } from './known-to-fit.ts'
import { loadSite } from './load-site.ts'
import { makeSchemas } from './schema.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'anneal-known-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const format = { type: 'object' }

test('what fitted once is known to the next process, for that text, format and version only', () => {
  const first = new KnownToFit(directory, '1')
  expect(first.has(format, 'a: 1')).toBe(false)
  first.add(format, 'a: 1')
  first.keep()
  expect(statSync(join(directory, 'known-to-fit')).mode & 0o777).toBe(0o600)
  const next = new KnownToFit(directory, '1')
  expect(next.has(format, 'a: 1')).toBe(true)
  expect(next.has(format, 'a: 2')).toBe(false)
  expect(next.has({ type: 'array' }, 'a: 1')).toBe(false)
  expect(new KnownToFit(directory, '2').has(format, 'a: 1')).toBe(false)
})

test('a document with faults is told of each time', async () => {
  writeFileSync(join(directory, 'anneal.yaml'), 'site: demo\nnodes: 5\n')
  for (let time = 0; time < 2; time++) {
    const loaded = await loadSite(directory, { known: new KnownToFit(directory, '1') })
    expect(loaded.ok).toBe(false)
  }
  writeFileSync(join(directory, 'anneal.yaml'), 'site: demo\n')
  const sound = await loadSite(directory, { known: new KnownToFit(directory, '1') })
  expect(sound).toMatchObject({ ok: true })
  expect(readFileSync(join(directory, 'known-to-fit'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
  // The same once more, without a look at its format.
  expect(await loadSite(directory, { known: new KnownToFit(directory, '1') })).toEqual(sound)
})

test('a schema of a role is looked at once, whether or not anything was compiled before', async () => {
  const role = 'role: r\ninputs:\n  port: { type: integer, minimum: 1, default: 80 }\napply: { run: echo }\n'
  mkdirSync(join(directory, 'p/roles'), { recursive: true })
  writeFileSync(join(directory, 'p/package.yaml'), 'name: p\nversion: "1.0.0"\n')
  writeFileSync(join(directory, 'p/roles/r.yaml'), role)
  writeFileSync(join(directory, 'anneal.yaml'), 'site: demo\npackages: [./p]\n')
  const load = () => loadSite(directory, { known: new KnownToFit(directory, '1') })
  const first = await load()
  expect(first).toMatchObject({ ok: true })
  expect(await load()).toEqual(first)
  writeFileSync(join(directory, 'p/roles/r.yaml'), role.replace('minimum: 1', 'minimum: one'))
  expect((await load()).ok).toBe(false)
  expect(makeSchemas().problems({ type: 'object' })).toEqual([])
})

test('where there is no directory, nothing is kept and nobody is told', () => {
  const known = new KnownToFit(join(directory, 'not there'), '1')
  known.add(format, 'a: 1')
  known.keep()
  expect(known.has(format, 'a: 1')).toBe(true)
})
