// What the journal costs: events a second written and replayed, by the size of a turn. Run: npm run bench -- journal
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JournalStore } from '../src/journal/journal.ts'
import { memoryJournal } from '../src/journal/memory-journal.ts'
import { sqliteJournal } from '../src/journal/sqlite-journal.ts'
import type { Event } from '../src/model/event.ts'

const RUNS = 5
const CASES = [
  { turn: 1, inFlight: 1, events: 3_000 },
  { turn: 1, inFlight: 100, events: 50_000 },
  { turn: 100, inFlight: 1, events: 100_000 },
  { turn: 1_000, inFlight: 1, events: 200_000 },
]
const options = { site: 'bench', toolVersion: '0' }

const bytesOfEvent = JSON.stringify([0, 1].map(eventOf)).length / 2
console.log(`node ${process.version}, ${process.arch}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`)
console.log(`median of ${RUNS} runs; an event is ${bytesOfEvent} bytes of JSON`)
console.log('journal   turn  in flight    written/s   replayed/s  bytes/event')
for (const { turn, inFlight, events } of CASES) {
  const results: Result[] = []
  for (let run = 0; run < RUNS; run++) {
    const dir = mkdtempSync(join(tmpdir(), 'anneal-bench-'))
    const result = await measure(sqliteJournal(dir, options), turn, inFlight, events)
    results.push({ ...result, bytes: statSync(join(dir, 'journal.db')).size / events })
    rmSync(dir, { recursive: true })
  }
  print('sqlite', turn, inFlight, results)
}
for (const encode of [true, false]) {
  const results: Result[] = []
  for (let run = 0; run < RUNS; run++) results.push(await measure(memoryJournal({ encode }), 100, 1, 200_000))
  print(encode ? 'memory' : 'objects', 100, 1, results)
}

interface Result {
  written: number
  replayed: number
  bytes?: number
}

async function measure(store: JournalStore, turn: number, inFlight: number, events: number): Promise<Result> {
  const opened = await store.openWriter({ pid: process.pid, host: 'bench', what: 'bench' })
  if (!opened.ok) throw new Error(opened.refusal.message)
  const writer = opened.value
  const turns = Array.from({ length: Math.ceil(events / turn) }, (_, t) => {
    return Array.from({ length: turn }, (_, i) => eventOf(t * turn + i))
  })
  const startedAt = performance.now()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < turns.length) await writer.append(next, turns[next++] as Event[])
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  const writtenAt = performance.now()
  await writer.close()

  const openedAt = performance.now()
  const reader = await store.openReader()
  if (!reader.ok) throw new Error(reader.refusal.message)
  let seen = 0
  for await (const batch of reader.value.events(0)) seen += batch.length
  const replayedAt = performance.now()
  await reader.value.close()
  if (seen !== turns.length * turn) throw new Error(`${seen} events came back`)
  return { written: rate(seen, writtenAt - startedAt), replayed: rate(seen, replayedAt - openedAt) }
}

function rate(events: number, ms: number): number {
  return (1_000 * events) / ms
}

/** What a run brings: its start with inputs, its end with outputs. */
function eventOf(n: number): Event {
  const nodeRole = `store/etcd-${n % 1_000}/etcd`
  const address = `10.77.${n % 250}.${n % 199}`
  if (n % 2 === 1) {
    const outputs = { version: '3.5.9', member: `etcd-${n % 1_000}=https://${address}:2380` }
    const filesChanged = ['/etc/etcd/etcd.conf.yml']
    const outcome = { result: 'ok' as const, changed: true, outputs, filesChanged, durationMs: n % 977 }
    return { kind: 'runFinished', run: `run-${n}`, nodeRole, outcome }
  }
  return {
    kind: 'runStarted',
    run: `run-${n}`,
    token: n,
    nodeRole,
    action: 'apply',
    digest: (n * 2_654_435_761).toString(16).padStart(64, '0'),
    inputs: { cluster_name: 'main', address },
    origins: {
      cluster_name: { kind: 'level', level: 'role default', where: 'packages/etcd/roles/etcd.yaml' },
      address: { kind: 'fact', node: `etcd-${n % 1_000}`, path: ['network', 'primary', 'address'] },
    },
    cause: { kind: 'new' },
    attempt: 1,
  }
}

function print(name: string, turn: number, inFlight: number, results: Result[]): void {
  const cell = (pick: (result: Result) => number | undefined): string => {
    const values = results.map(pick).filter((one) => one !== undefined)
    const median = values.sort((a, b) => a - b)[values.length >> 1]
    return (median === undefined ? '-' : Math.round(median).toLocaleString('en')).padStart(12)
  }
  const figures = [cell((r) => r.written), cell((r) => r.replayed), cell((r) => r.bytes)]
  console.log([name.padEnd(8), String(turn).padStart(5), String(inFlight).padStart(10), ...figures].join(' '))
}
