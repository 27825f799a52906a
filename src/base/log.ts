// The Log interface: one line about what happened, for who runs the process.
import type { JsonObject } from './json.ts'

/** From what is only wanted when something is looked for to what somebody must see. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** `message` is the same for all lines of its kind; what differs stands in the fields. Never a secret in either. */
export type Log = (level: LogLevel, message: string, fields?: JsonObject) => void
