// What PostgreSQL and the way to it say when they refuse, told apart: damage, a fault of the world, another writer.

/** https://www.postgresql.org/docs/current/errcodes-appendix.html; the text of others is PostgreSQL's own. */
const FAULTS: Record<string, string> = {
  '28P01': 'the password is not the right one, or none was given',
  '53300': 'it has no connection left',
  '57P01':
    'it ended this session: somebody asked for that, as a server that takes over does, or it shuts down',
  '57P02': 'it has crashed',
  '57P03': 'it is just starting up or shutting down',
}

const SYSTEM: Record<string, string> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection broke',
  ENOENT: 'nobody listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the host cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  EPIPE: 'the connection broke',
}

/** Of our own triggers: who writes is not who holds the journal. */
export const FENCED = 'AN001'

/** The five characters of SQLSTATE, or undefined when the error is not the server's. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^[0-9A-Z]{5}$/.test(error.code) && !(error.code in SYSTEM) ? error.code : undefined
}

/** The data itself cannot be read any more: classes XX001 and XX002. */
export function isDamage(error: unknown): boolean {
  return ['XX001', 'XX002'].includes(sqlState(error) ?? '')
}

/** Nothing was answered, and another connection may have more luck. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const state = sqlState(error)
  if (state !== undefined) return state.startsWith('57P0') || state.startsWith('08')
  if ('code' in error && String(error.code) in SYSTEM) return true
  return /terminated|not queryable|Connection ended|timeout|closed/i.test(error.message)
}

export function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return textOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  const state = sqlState(error)
  if (state !== undefined) return FAULTS[state] ?? error.message
  const code = 'code' in error ? String(error.code) : ''
  if (SYSTEM[code] !== undefined) return SYSTEM[code]
  if (/client password must be a string/.test(error.message))
    return 'it asks for a password, and none was given (PGPASSFILE, ~/.pgpass, PGPASSWORD, or database: in server.yaml)'
  if (/Query read timeout/.test(error.message)) return 'it did not answer in time'
  return isConnectionLost(error) ? 'the connection broke' : error.message
}
