// One of several servers of a site as a process that can be killed: machines that are made up, a journal in PostgreSQL, HTTP.
import { startServer } from '../../src/api/server.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { serveElected } from '../../src/engine/elected-serving.ts'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { postgresMeeting } from '../../src/journal/postgres-meeting.ts'
import { readPlace } from '../../src/journal/postgres-place.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import { instantRunner } from '../support/instant-runner.ts'
import { OPEN } from '../support/open-access.ts'
import { contentOf } from '../support/serving.ts'
import { siteOf } from './kill-site.ts'

const DONE: RunOutcome = { result: 'ok', changed: true, outputs: {}, filesChanged: [], durationMs: 3 }
const [address = '', host = ''] = process.argv.slice(2)
const place = readPlace(address)
if (!place.ok) throw new Error(place.refusal.message)
const site = siteOf(0)
const now = { site, content: contentOf(site) }
const served = await serveElected(
  {
    patienceMs: 60_000,
    store: postgresJournal(place.value, { site: 'site', toolVersion: '0.0.0' }),
    meeting: postgresMeeting(place.value),
    readNow: async () => ({ ok: true, value: now }),
    notice: () => {},
    language: makeLanguage(),
    clock: systemClock,
    makeRunner: async (_, events) =>
      instantRunner((report) => events.report(report), {
        outcome: () => 'never',
        // Long enough that many are in flight at any moment.
        started: (end) => void setTimeout(() => end(DONE), 5 + Math.random() * 30),
      }),
    makeExecutor: () => Promise.reject(new Error('nothing is executed here')),
    holder: { pid: process.pid, host, what: `anneal serve on ${host}` },
  },
  { now, files: { changed: () => new Promise<never>(() => {}) }, by: host },
)
if (!served.ok) {
  process.stderr.write(`${served.refusal.message}\n`)
  process.exit(1)
}
const serving = served.value
const server = await startServer({
  serving,
  version: '0.0.0',
  instance: host,
  listen: { host: '127.0.0.1', port: 0 },
  access: OPEN,
  transcriptPath: (run) => `/nowhere/${run}.log`,
  onMistake: (error) => process.stderr.write(`a mistake: ${String(error)}\n`),
})
await serving.introduce({ url: server.url, key: host })
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
void serving.active.then(() => process.stdout.write(`${JSON.stringify({ active: true })}\n`))
await serving.over
process.exit(1)
