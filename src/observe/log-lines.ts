// Log lines: what a server says about itself, one line each, as JSON for programs or as text for people.
import type { JsonObject } from '../base/json.ts'
import { type Log, LOG_LEVELS, type LogLevel } from '../base/log.ts'
import { visible } from '../base/visible.ts'

export interface LogSettings {
  format: 'json' | 'text'
  /** What is less than this is left out. */
  level: LogLevel
}

/** `write` is given whole lines. */
export function logLines(
  { format, level }: LogSettings,
  now: () => number,
  write: (line: string) => void,
): Log {
  const least = LOG_LEVELS.indexOf(level)
  const line = format === 'json' ? jsonLine : textLine
  return (of, message, fields = {}) => {
    if (LOG_LEVELS.indexOf(of) >= least)
      write(`${line(new Date(now()), of, message, withoutSecrets(fields))}\n`)
  }
}

function jsonLine(time: Date, level: LogLevel, msg: string, fields: JsonObject): string {
  return JSON.stringify({ time: time.toISOString(), level, msg, ...fields })
}

function textLine(time: Date, level: LogLevel, message: string, fields: JsonObject): string {
  const told = Object.entries(fields).map(([name, value]) => `${name}=${plain(value)}`)
  return visible([time.toISOString(), level.padEnd(5), message, ...told].join('  '))
}

function plain(value: JsonObject[string]): string {
  return typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value)
}

/** No caller gives a secret; should one do so by mistake, its name gives it away. Reserved names stay what they are. */
const SECRET = /pass(word|phrase)|secret|credential|authorization|cookie|api_?key|private_?key|bearer/i
const RESERVED = new Set(['time', 'level', 'msg'])

function withoutSecrets(fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]): [string, JsonObject[string]][] =>
      RESERVED.has(name) || value === undefined ? [] : [[name, SECRET.test(name) ? '(secret)' : value]],
    ),
  )
}
