// Arguments that are not just text: what is refused says what was expected.
import { parseDuration } from '../base/duration.ts'
import { nearest } from '../base/nearest.ts'
import { ACCESS_ROLE_NAMES, type AccessRole } from '../model/access.ts'
import { type Shell, SHELLS } from './completion-scripts.ts'

export function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new SyntaxError('expected a whole number')
}

export function parseSpan(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0) return ms
  throw new SyntaxError('expected a span of time like 30s, 5m or 1h30m')
}

export function parsePercent(text: string): number {
  const share = Number(text)
  if (text.trim() !== '' && share >= 0 && share <= 100) return share
  throw new SyntaxError('expected a number from 0 to 100')
}

/** `2%` or `0.02`, as a number from 0 to 1. */
export function parseShare(text: string): number {
  const share = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text)
  if (/^[\d.]+%?$/.test(text) && share >= 0 && share <= 1) return share
  throw new SyntaxError('expected a share, such as 2%')
}

export function parseAccessRole(text: string): AccessRole {
  const role = ACCESS_ROLE_NAMES.find((each) => each === text)
  if (role !== undefined) return role
  const meant = nearest(text, ACCESS_ROLE_NAMES)
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  throw new SyntaxError(`expected ${ACCESS_ROLE_NAMES.join(', ')}${hint}`)
}

export function parseExpiry(text: string): number | 'never' {
  return text === 'never' ? 'never' : parseSpan(text)
}

/** `segment=dmz`. */
export function parseLabel(text: string): [label: string, value: string] {
  const at = text.indexOf('=')
  const label = text.slice(0, at)
  if (at > 0 && /^[a-z0-9-]{1,63}$/.test(label) && at < text.length - 1) return [label, text.slice(at + 1)]
  throw new SyntaxError('expected LABEL=VALUE, such as segment=dmz')
}

export interface Address {
  host: string
  port: number
}

/** `127.0.0.1:7433`, `[::1]:7433`; a port alone is one of this machine. */
export function parseAddress(text: string): Address {
  const found = /^(?:\[([^\]]+)\]:|([^:]+):)?(\d{1,5})$/.exec(text)
  const port = Number(found?.[3])
  if (found && port <= 65_535) return { host: found[1] ?? found[2] ?? '127.0.0.1', port }
  throw new SyntaxError('expected an address with a port, such as 127.0.0.1:7433')
}

export function parseShell(text: string): Shell {
  const shell = SHELLS.find((each) => each === text)
  if (shell !== undefined) return shell
  const meant = nearest(text, SHELLS)
  throw new SyntaxError(
    `expected ${SHELLS.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  )
}
