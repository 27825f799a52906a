// One of several servers of a site for tests: in this process, over HTTP, on a journal in PostgreSQL that they share.
import { makeServerKey } from '../../src/api/access/credentials.ts'
import type { Access } from '../../src/api/caller.ts'
import { startServer } from '../../src/api/server.ts'
import { httpOperations } from '../../src/client/http-operations.ts'
import { type ElectedServing, serveElected } from '../../src/engine/elected-serving.ts'
import type { SiteParts } from '../../src/engine/site-parts.ts'
import type { JournalStore } from '../../src/journal/journal.ts'
import { postgresJournal } from '../../src/journal/postgres-journal.ts'
import { postgresMeeting } from '../../src/journal/postgres-meeting.ts'
import type { PostgresPlace } from '../../src/journal/postgres-place.ts'
import type { Operations, SiteNow } from '../../src/model/operations.ts'
import { OPEN } from './open-access.ts'

export interface TestStandby {
  serving: ElectedServing
  url: string
  operations: Operations
  /** What it said of itself. */
  notices: string[]
  close(): Promise<void>
}

export interface StandbyOptions {
  host: string
  patienceMs?: number
  access?: (serving: ElectedServing, peerHash: string) => Access
  /** What stands between it and its journal. */
  between?: (store: JournalStore) => JournalStore
}

export async function standby(
  parts: SiteParts,
  now: SiteNow,
  place: PostgresPlace,
  { host, access, between, patienceMs = 60_000 }: StandbyOptions,
): Promise<TestStandby> {
  const store = postgresJournal(place, { site: 'site', toolVersion: '0.0.0' })
  const notices: string[] = []
  const mistakes: unknown[] = []
  const served = await serveElected(
    {
      ...parts,
      store: between?.(store) ?? store,
      holder: { pid: process.pid, host, what: `anneal serve on ${host}` },
      meeting: postgresMeeting(place),
      readNow: async () => ({ ok: true, value: now }),
      notice: (message) => notices.push(message),
      patienceMs,
    },
    { now, files: { changed: () => new Promise<never>(() => {}) }, by: 'server' },
  )
  if (!served.ok) throw new Error(served.refusal.message)
  const serving = served.value
  const peerKey = makeServerKey()
  const server = await startServer({
    serving,
    version: '0.0.0',
    instance: host,
    listen: { host: '127.0.0.1', port: 0 },
    access: access?.(serving, peerKey.hash) ?? OPEN,
    transcriptPath: (run) => `/nowhere/${run}.log`,
    onMistake: (error) => void mistakes.push(error),
  })
  await serving.introduce({ url: server.url, key: peerKey.text })
  let closed: Promise<void> | undefined
  return {
    serving,
    url: server.url,
    operations: httpOperations({ url: server.url, by: 'ann' }),
    notices,
    close: () => (closed ??= close()),
  }

  async function close(): Promise<void> {
    await serving.close()
    await server.close()
    if (mistakes.length > 0) throw mistakes[0] as Error
  }
}
