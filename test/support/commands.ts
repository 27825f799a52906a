// Commands that look at a site, many of them in one process: what they print is in question, and not how a process begins and ends.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Done } from './site-dir.ts'

export interface Commands {
  anneal(...words: string[]): Promise<Done>
  end(): Promise<void>
}

export function commandsIn(directory: string): Commands {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'commands-child.ts')], {
    cwd: directory,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1', CI: '1' },
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async anneal(...words) {
      child.stdin.write(`${JSON.stringify(words)}\n`)
      const line = await lines.next()
      if (line.done) throw new Error(`it ended in the middle of anneal ${words.join(' ')}`)
      const told = JSON.parse(line.value) as Omit<Done, 'said'>
      return { ...told, said: told.stdout + told.stderr }
    },
    async end() {
      child.stdin.end()
      await ended
    },
  }
}
