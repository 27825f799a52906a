// The memory of a browser: what all its processes hold, each shared page counted once.
import { readdirSync, readFileSync } from 'node:fs'

/** Bytes, of this process and all that it started. */
export function pssOf(pid: number): number {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const parent = parentOf(name)
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const sum = (one: number): number =>
    own(one) + (children.get(one) ?? []).reduce((total, child) => total + sum(child), 0)
  return 1_024 * sum(pid)
}

/** In KiB; one that has gone meanwhile holds nothing. */
function own(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)
}

function parentOf(pid: string): number | undefined {
  const told = /^\d+$/.test(pid) ? /\) \S (\d+)/.exec(read(`/proc/${pid}/stat`)) : undefined
  return told ? Number(told[1]) : undefined
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
