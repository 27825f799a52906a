// Where a PostgreSQL journal is: an address without a password in it, and how a connection to there is made.
import { Client, type ClientConfig } from 'pg'
import { type Answer, answer, refuse } from '../model/refusal.ts'

export interface PostgresPlace {
  /** Without `schema` and without a password; as libpq has it, but for what it does not know. */
  url: string
  /** The schema of the database that the journal's tables stand in: a site each. */
  schema: string
  /** For people: where it is, and never how one gets in. */
  shown: string
  /** Asked for with each connection; without one PGPASSWORD, PGPASSFILE or `~/.pgpass` tell, or none is needed. */
  password?(): Promise<string>
}

const SCHEMA = 'anneal'

const CONNECT_MS = 5_000
/** An answer that takes longer never comes: a commit waits for a disk, and not for this. */
const ANSWER_MS = 30_000

function isPostgresAddress(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text)
}

/** `postgres://USER@HOST:PORT/DATABASE?schema=NAME`; a password in it is refused, wherever it stands. */
export function readPlace(text: string): Answer<PostgresPlace> {
  const invalid = (message: string): Answer<never> => refuse({ code: 'invalidDatabase', message })
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return invalid(`that is no address of a database: ${FORM}`)
  }
  if (!isPostgresAddress(text)) return invalid(`${url.protocol}// is not known here: ${FORM}`)
  if (url.password !== '' || url.searchParams.has('password')) return invalid(NO_PASSWORD)
  if (url.pathname.length < 2 && !url.searchParams.has('dbname'))
    return invalid(`it says no database: ${FORM}`)
  const schema = url.searchParams.get('schema') ?? SCHEMA
  if (!/^[a-z_][a-z0-9_]{0,50}$/.test(schema))
    return invalid(`a schema is called like a_word (a-z, 0-9 and _), and ${JSON.stringify(schema)} is not`)
  url.searchParams.delete('schema')
  const shown = `${url.protocol}//${url.username && `${url.username}@`}${url.host}${url.pathname}`
  return answer({ url: url.href, schema, shown: schema === SCHEMA ? shown : `${shown}?schema=${schema}` })
}

const FORM = 'say postgres://USER@HOST/DATABASE'
const NO_PASSWORD =
  'a password has no place in the address, which others see in the list of processes and in logs: leave it out, and give it in the file that PGPASSFILE names, in ~/.pgpass, in PGPASSWORD, or as database: { url, password: { file } } in server.yaml'

/** Throws what `faultOf` knows. Whoever takes the client ends it, and listens for `error`. */
export async function connectTo(place: PostgresPlace, purpose: string): Promise<Client> {
  const password = await place.password?.()
  const config: ClientConfig = {
    connectionString: password === undefined ? place.url : withPassword(place.url, password),
    application_name: `anneal ${purpose}`,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  }
  const client = new Client(config)
  // A connection that breaks says so to the next question; without a listener it would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    client.end().catch(() => {})
    throw error
  }
  return client
}

/** The driver takes what the address says over what is said beside it, also where it says none. "lets in" in journal-postgres.test.ts fails without. */
function withPassword(address: string, password: string): string {
  const url = new URL(address)
  url.searchParams.set('password', password)
  return url.href
}
