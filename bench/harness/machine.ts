// What the figures were taken on: machine, system, Node, and the commit of the program.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'

const HOME = join(import.meta.dirname, '..', '..')

export interface Machine {
  processors: string
  memory: string
  system: string
  node: string
  /** With `+` where files differ from it. */
  commit: string
}

export function thisMachine(): Machine {
  const all = cpus()
  return {
    processors: `${all.length} x ${all[0]?.model.trim() ?? 'unknown'} (${arch()})`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    system: `${systemName()}, kernel ${release()}`,
    node: process.version,
    commit: commitHere(),
  }
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform
  } catch {
    return process.platform
  }
}

function commitHere(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: HOME, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '-uno') === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}
