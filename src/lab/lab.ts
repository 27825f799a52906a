// One lab: where it keeps its state, where roots are cached, and as whom it runs.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { digestOfBytes } from '../base/digest.ts'
import { LabFault } from './fault.ts'

export type Lab = {
  name: string
  /** Everything of this lab: keys, host records, their file systems. */
  directory: string
  /** Debian roots and package layers, shared by all labs of this user. */
  cache: string
  /** As root, or inside a user namespace of an ordinary user. */
  mode: 'root' | 'user'
}

export type LabPlace = { name?: string; stateHome?: string; cache?: string; env?: NodeJS.ProcessEnv }

export function openLab(place: LabPlace = {}): Lab {
  const env = place.env ?? process.env
  const name = checkName('lab', place.name ?? 'default')
  const stateHome = place.stateHome ?? env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state')
  const cacheHome = env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return {
    name,
    directory: checkPath(resolve(stateHome, 'anneal/lab', name)),
    cache: checkPath(resolve(place.cache ?? env['ANNEAL_LAB_CACHE'] ?? join(cacheHome, 'anneal/lab'))),
    mode: process.getuid?.() === 0 ? 'root' : 'user',
  }
}

/** All labs that have a folder beside this one, running or not. */
export function siblingLabs(lab: Lab): string[] {
  const shelf = resolve(lab.directory, '..')
  if (!existsSync(shelf)) return []
  return readdirSync(shelf).filter((name) => existsSync(join(shelf, name, 'lab.json')))
}

/** A cgroup name that no other lab on this machine has, whatever state folders are in use. */
export function cgroupName(lab: Lab): string {
  return `anneal-lab-${lab.name}-${digestOfBytes(lab.directory).slice(0, 8)}`
}

export function checkName(kind: 'lab' | 'host', name: string): string {
  if (/^[a-z]([a-z0-9-]{0,40}[a-z0-9])?$/.test(name)) return name
  throw new LabFault(
    'bad-name',
    `${kind} name ${JSON.stringify(name)}: expected small letters, digits and inner hyphens, beginning with a letter`,
  )
}

export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new LabFault('state-unreadable', `${path}: ${(cause as Error).message}`, cause)
  }
}

/** Overlay mount options and ssh_config give these characters a meaning of their own. */
function checkPath(path: string): string {
  if (!/[,:\\"\n%]/.test(path)) return path
  throw new LabFault('bad-value', `${path}: a lab's path may not hold any of , : \\ " % or a line end`)
}
