// The roof over journals: where that of a site is, in its directory or in PostgreSQL, as the environment or `server.yaml` says.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { JournalStore, Meeting } from './journal/journal.ts'
import type { PostgresPlace } from './journal/postgres-place.ts'
import { type Answer, answer, refuse } from './model/refusal.ts'
import { stateOf, VERSION } from './wire-home.ts'

/** Of this process and of those that it starts; `anneal serve --database` sets it. */
export const DATABASE_VARIABLE = 'ANNEAL_DATABASE'

/** Undefined: it is embedded, in the site's directory. */
export async function databaseOf(siteDirectory: string): Promise<Answer<PostgresPlace | undefined>> {
  const told = process.env[DATABASE_VARIABLE]
  const isSet = told === undefined && speaksOfDatabase(siteDirectory)
  if (told === undefined && !isSet) return answer(undefined)
  const { readPlace } = await import('./journal/postgres-place.ts')
  if (told !== undefined) return readPlace(told)
  const { loadServerSettings } = await import('./content/load-server.ts')
  const loaded = await loadServerSettings(siteDirectory)
  if (!loaded.ok) {
    const message = 'server.yaml cannot be used, which says where the journal is'
    return refuse({ code: 'invalidSite', message, faults: loaded.faults })
  }
  const { database } = loaded.settings
  if (!database) return answer(undefined)
  const read = readPlace(database.url)
  const { password } = database
  if (!read.ok || !password) return read
  const { settingsSecrets } = await import('./content/settings-secret.ts')
  const { followSecrets } = await import('./wire-secrets.ts')
  return answer({
    ...read.value,
    async password() {
      const secret = await settingsSecrets(await followSecrets(siteDirectory))(password)
      if (secret.ok) return secret.value
      throw new Error(`the password cannot be had: ${secret.message}`)
    },
  })
}

/** As it is: nothing is sealed and nothing opened. What cannot be found refuses when it is opened. */
export async function journalOf(siteDirectory: string): Promise<JournalStore> {
  const options = {
    site: basename(siteDirectory),
    toolVersion: VERSION,
    notice: (message: string) => process.stderr.write(`anneal: ${message}\n`),
  }
  const database = await databaseOf(siteDirectory)
  if (!database.ok) return { openWriter: async () => database, openReader: async () => database }
  const directory = stateOf(siteDirectory)
  if (database.value) {
    const { postgresJournal } = await import('./journal/postgres-journal.ts')
    const store = postgresJournal(database.value, options)
    return {
      openWriter(holder) {
        // For keys, transcripts and the ways in which processes of this machine find each other.
        mkdirSync(directory, { recursive: true, mode: 0o700 })
        return store.openWriter(holder)
      },
      openReader: () => store.openReader(),
      tenure: () => store.tenure?.(),
    }
  }
  const moved = movedTo(siteDirectory)
  if (moved !== undefined) return { openWriter: async () => moved, openReader: async () => moved }
  const { sqliteJournal } = await import('./journal/sqlite-journal.ts')
  return sqliteJournal(directory, options)
}

/** Beside where an embedded journal was: nobody shall begin another one there without knowing. */
export function movedFile(siteDirectory: string): string {
  return join(stateOf(siteDirectory), 'journal.moved')
}

export function noteMoved(siteDirectory: string, to: string): void {
  writeFileSync(movedFile(siteDirectory), `${to}\n`, { mode: 0o600 })
}

function movedTo(siteDirectory: string): Answer<never> | undefined {
  if (!existsSync(movedFile(siteDirectory))) return undefined
  const to = readFileSync(movedFile(siteDirectory), 'utf8').trim()
  const message = `the journal of this site was moved to ${to}, and nothing here says so: set database: in server.yaml, or ANNEAL_DATABASE; or remove ${movedFile(siteDirectory)}, and history begins anew`
  return refuse({ code: 'invalidDatabase', message })
}

/** Where servers that share the journal find each other; undefined where it is embedded, and there are none. */
export async function meetingOf(siteDirectory: string): Promise<Meeting | undefined> {
  const database = await databaseOf(siteDirectory)
  if (!database.ok || !database.value) return undefined
  const { postgresMeeting } = await import('./journal/postgres-meeting.ts')
  return postgresMeeting(database.value)
}

/** Most sites have no such file, or nothing of the kind in it: commands that only look should not pay for reading it. */
function speaksOfDatabase(siteDirectory: string): boolean {
  const path = join(siteDirectory, 'server.yaml')
  return existsSync(path) && /database/.test(readFileSync(path, 'utf8'))
}
