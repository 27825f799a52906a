// What the roof knows of where it stands: this Anneal, its version, the packages beside it, and a site's state directory.
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'

export const HOME = homeAbove(import.meta.dirname)
/** Of the bundle that this is; from the sources it has none, as they may change under it. */
export const BUILD =
  basename(dirname(import.meta.dirname)) === 'dist' ? basename(import.meta.dirname) : undefined
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

/** The bundle stands one folder deeper than the sources. */
function homeAbove(directory: string): string {
  return existsSync(join(directory, 'package.json')) ? directory : homeAbove(dirname(directory))
}
