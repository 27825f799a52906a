// A process that writes to a SQLite journal, for tests that kill it: says what it holds and what was acknowledged.
import { writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { turnOf } from './journal-turns.ts'

const [dir = '', what = 'anneal up', seed = '', from = '0', to = ''] = process.argv.slice(2)
const journal = sqliteJournal(dir, { site: 'demo', toolVersion: '0.1.0' })
const opened = await journal.openWriter({ pid: process.pid, host: hostname(), what })
if (!opened.ok) {
  say(opened.refusal)
  process.exit(5)
}
say({ holding: process.pid })

/** Turns from number `from` on, to `to` or until somebody kills us; without a seed none, and the lock is held until stdin ends. */
if (seed !== '') {
  for (let number = Number(from); to === '' || number < Number(to); ) {
    const burst = Array.from({ length: 1 + (number % 7) }, () => number++)
    const acks = burst.map((one) => opened.value.append(one, turnOf(Number(seed), one)))
    for (const [i, ack] of acks.entries()) {
      const { head } = await ack
      say({ acked: burst[i], head })
    }
  }
}
if (to === '') {
  process.stdin.resume()
  await new Promise((resolve) => process.stdin.on('end', resolve))
}
await opened.value.close()

function say(line: object): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}
