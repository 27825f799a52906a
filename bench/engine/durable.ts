// One round with everything durable: the engine, a SQLite journal, machines that do at once what they are told, and a restart.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newWorld } from '../../src/annealer/world.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { Engine } from '../../src/engine/engine.ts'
import { remember } from '../../src/engine/memory.ts'
import type { JournalStore, JournalWriter } from '../../src/journal/journal.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { instantRunner } from '../../test/support/instant-runner.ts'
import type { Fleet } from './fleets.ts'
import { doneAs } from './heart.ts'
import { cpuMsSince } from './in-memory.ts'

export interface Durable {
  restMs: number
  /** Processor time of all threads from the first command to rest. */
  restCpuMs: number
  events: number
  closeMs: number
  journalBytes: number
  /** A journal that was closed: opening with verification, the snapshot, and the world at rest again. */
  restartMs: number
  /** The same events through the journal alone, turn by turn. */
  writeMs: number
}

export async function measureDurable(fleet: Fleet): Promise<Durable> {
  const dirs = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'anneal-bench-')))
  const [dir = '', other = ''] = dirs
  try {
    const store = sqliteJournal(dir, { site: 'bench', toolVersion: '0' })
    const { restMs, restCpuMs, closeMs, events } = await converge(fleet, store)
    const restartMs = await restart(fleet, store)
    const writeMs = await writeAgain(store, sqliteJournal(other, { site: 'bench', toolVersion: '0' }))
    return { restMs, restCpuMs, events, closeMs, journalBytes: bytesIn(dir), restartMs, writeMs }
  } finally {
    for (const each of dirs) rmSync(each, { recursive: true })
  }
}

async function converge(
  fleet: Fleet,
  store: JournalStore,
): Promise<Omit<Durable, 'restartMs' | 'writeMs' | 'journalBytes'>> {
  const journal = await opened(store)
  const world = newWorld(makeLanguage())
  const engine = new Engine({ world, journal, clock: systemClock, seq: 0, sinceSnapshot: 0, onTurn() {} })
  engine.useRunner(
    instantRunner((report) => void engine.ask(report), {
      outcome: ({ nodeRole }) => doneAs({ key: nodeRole }),
      facts: (ip) => ({ ip }),
    }),
  )
  const begun = process.cpuUsage()
  const startedAt = performance.now()
  await engine.ask({ kind: 'startSession', by: 'bench' })
  await engine.ask({ kind: 'proposeRevision', site: fleet.site, author: 'bench', message: '' })
  await engine.ask({ kind: 'commitRevision', revision: 1, onto: 0, author: 'bench', message: '' })
  await engine.rest()
  const restMs = performance.now() - startedAt
  const restCpuMs = cpuMsSince(begun)
  if (world.counts.active !== fleet.size) throw new Error(engine.fault?.message ?? 'not all is active')
  const events = await journal.head()
  const restAt = performance.now()
  await engine.close()
  await journal.close()
  return { restMs, restCpuMs, closeMs: performance.now() - restAt, events }
}

async function restart(fleet: Fleet, store: JournalStore): Promise<number> {
  const startedAt = performance.now()
  const journal = await opened(store)
  const { world } = await remember(journal, makeLanguage())
  const ms = performance.now() - startedAt
  if (world.counts.active !== fleet.size) throw new Error('a restart gives another world')
  await journal.close()
  return ms
}

async function writeAgain(from: JournalStore, to: JournalStore): Promise<number> {
  const [reader, writer] = [await opened(from), await opened(to)]
  let ms = 0
  for await (const batch of reader.events(0)) {
    const events = batch.map(({ event }) => event)
    const startedAt = performance.now()
    await writer.append(batch[0]?.at ?? 0, events)
    ms += performance.now() - startedAt
  }
  await reader.close()
  await writer.close()
  return ms
}

async function opened(store: JournalStore): Promise<JournalWriter> {
  const answer = await store.openWriter({ pid: process.pid, host: 'bench', what: 'bench' })
  if (!answer.ok) throw new Error(answer.refusal.message)
  return answer.value
}

function bytesIn(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0)
}
