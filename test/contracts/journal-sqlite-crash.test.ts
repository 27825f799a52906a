// The SQLite journal when its process is killed: what was acknowledged is there, turns are whole, the lock is free.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import type { JournalWriter } from '../../src/journal/journal.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { all, lost, value } from './journal.ts'
import { turnOf } from './journal-turns.ts'

let dir: string
const children: ChildProcess[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anneal-crash-'))
})

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child)
  rmSync(dir, { recursive: true })
})

test('killed at twenty moments: all that was acknowledged is there, in order, turns whole', async () => {
  const SEED = 7
  let turns = 0
  for (let round = 0; round < 20; round++) {
    const random = Number.parseInt(digestOfBytes(`kill ${round}`).slice(0, 6), 16)
    const child = start('anneal up', String(SEED), String(turns))
    let acked = turns - 1
    let acksToGo = random % 150
    for await (const line of child.lines) {
      if ('acked' in line) {
        expect(line['acked']).toBe(acked + 1)
        acked++
        if (--acksToGo < 0) break
      }
    }
    await kill(child.process)
    const writer = await open()
    const recorded = await all(writer)
    expect(recorded.map((one) => one.seq)).toEqual(recorded.map((_, i) => i + 1))
    let at = 0
    for (turns = 0; at < recorded.length; turns++) {
      const turn = turnOf(SEED, turns)
      expect(recorded.slice(at, at + turn.length).map((one) => one.event)).toEqual(turn)
      at += turn.length
    }
    expect(turns).toBeGreaterThan(acked)
    await writer.close()
  }
  expect(turns).toBeGreaterThan(100)
}, 300_000)

test('the second is told who is busy; once the first is killed the lock is free at once', async () => {
  const first = start('anneal up')
  const { holding } = await next(first)
  const second = start('anneal retry')
  const refusal = await next(second)
  expect(refusal['code']).toBe('busy')
  expect(refusal['message']).toMatch(
    new RegExp(
      `^busy: anneal up \\(pid ${String(holding)} on host .+\\) has been working here for [0-9.]+ m?s$`,
    ),
  )
  expect(refusal['holder']).toBe('anneal up')
  expect(await exitCode(second.process)).toBe(5)
  // Stopped, it keeps the lock.
  first.process.kill('SIGSTOP')
  let told: unknown
  while (!String(told).includes('and is stopped: `kill -CONT'))
    told = (await next(start('anneal retry')))['message']
  await kill(first.process)
  const third = start('anneal up')
  expect(await next(third)).toEqual({ holding: third.process.pid })
})

test('of several at the same instant one works, and the others name it', async () => {
  for (let round = 0; round < 3; round++) {
    const crowd = Array.from({ length: 3 }, () => start('anneal up'))
    const lines = await Promise.all(crowd.map(next))
    const holding = lines.filter((line) => 'holding' in line)
    expect(holding).toHaveLength(1)
    for (const line of lines.filter((one) => !('holding' in one))) {
      expect(line['code']).toBe('busy')
      expect(line['message']).toContain(`pid ${String(holding[0]?.['holding'])} `)
    }
    for (const { process } of crowd) await kill(process)
  }
}, 300_000)

test('who closes in good order leaves no name behind, and the next one gets in', async () => {
  const first = start('anneal up')
  await next(first)
  first.process.stdin?.end()
  expect(await exitCode(first.process)).toBe(0)
  const writer = await open()
  expect(await writer.append(1, [lost('a')])).toEqual({ head: 1 })
  await writer.close()
})

test('a process ends by itself once it has closed, however far its writing thread has come', async () => {
  for (const to of [3, 8, 40, 300]) {
    const child = start('anneal up', '5', '0', String(to))
    const said = []
    for await (const line of child.lines) said.push(line)
    expect(await exitCode(child.process)).toBe(0)
    expect(said.length).toBeGreaterThan(to)
    rmSync(dir, { recursive: true })
  }
  mkdirSync(dir)
})

test('the name that a killed process left is not given for one that lives', async () => {
  const first = start('anneal up')
  await next(first)
  await kill(first.process)
  const left = readFileSync(join(dir, 'journal.holder'))
  const second = start('anneal watch')
  await next(second)
  writeFileSync(join(dir, 'journal.holder'), left)
  const journal = sqliteJournal(dir, { site: 'demo', toolVersion: '0.1.0' })
  const refused = await journal.openWriter({ pid: 1, host: 'h', what: 'anneal up' })
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'busy', holder: 'another process' } })
})

test('a reader beside a writer in another process sees whole turns only, and ever more of them', async () => {
  const SEED = 3
  const child = start('anneal up', String(SEED))
  await next(child)
  const reader = value(await sqliteJournal(dir, { site: 'demo', toolVersion: '0.1.0' }).openReader())
  let after = 0
  let turns = 0
  while (turns < 200) {
    const head = await reader.head()
    const recorded = await all(reader, after)
    expect(head).toBeGreaterThanOrEqual(after)
    for (let at = 0; at < recorded.length; turns++) {
      const turn = turnOf(SEED, turns)
      expect(recorded.slice(at, at + turn.length).map((one) => one.event)).toEqual(turn)
      at += turn.length
    }
    after = recorded.at(-1)?.seq ?? after
  }
  await kill(child.process)
  await reader.close()
}, 300_000)

interface Child {
  process: ChildProcess
  lines: AsyncIterable<Record<string, unknown>>
}

function start(...args: string[]): Child {
  const script = fileURLToPath(new URL('./journal-child.ts', import.meta.url))
  const process_ = spawn(process.execPath, [script, dir, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(process_)
  return { process: process_, lines: linesOf(process_) }
}

async function* linesOf(child: ChildProcess): AsyncGenerator<Record<string, unknown>> {
  if (!child.stdout) throw new Error('no stdout')
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line)
}

async function next(child: Child): Promise<Record<string, unknown>> {
  for await (const line of child.lines) return line
  throw new Error('it said nothing')
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await exitCode(child)
}

async function open(): Promise<JournalWriter> {
  const journal = sqliteJournal(dir, { site: 'demo', toolVersion: '0.1.0' })
  return value(await journal.openWriter({ pid: process.pid, host: 'h', what: 'test' }))
}
