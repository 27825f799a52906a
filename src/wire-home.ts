// What the roof knows of where it stands: this Anneal, its version, the packages beside it, and a site's state directory.
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const HOME = dirname(dirname(fileURLToPath(import.meta.url)))
export const VERSION = '0.1.0'
export const SHIPPED_PACKAGES = join(HOME, 'packages')
export const HOLDER = {
  pid: process.pid,
  host: hostname(),
  what: ['anneal', ...process.argv.slice(2)].join(' '),
}

export function stateOf(siteDirectory: string): string {
  return join(siteDirectory, '.anneal')
}

export function transcriptPath(siteDirectory: string, run: string): string {
  return join(stateOf(siteDirectory), 'runs', `${run}.log`)
}
