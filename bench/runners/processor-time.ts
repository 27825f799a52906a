// Processors' time of a process by what Linux counts, and of a family of them: what has ended counts with who waited for it.
import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100

/** In seconds, of it alone; what it waited for is left out. */
export function processorSeconds(pid: number): number {
  const { own } = statOf(pid)
  return own / TICKS_PER_SECOND
}

/** With its children, those that are over too: PostgreSQL has a process for each connection. */
export function familySeconds(pid: number): number {
  const living = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [statOf(Number(name))]
      } catch {
        return []
      }
    })
    .filter(({ parent }) => parent === pid)
    .reduce((sum, { own }) => sum + own, 0)
  const { own, ended } = statOf(pid)
  return (own + ended + living) / TICKS_PER_SECOND
}

/** proc_pid_stat(5): the name in brackets may hold anything. */
function statOf(pid: number): { parent: number; own: number; ended: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const at = (number: number): number => Number(fields[number - 3])
  return { parent: at(4), own: at(14) + at(15), ended: at(16) + at(17) }
}
