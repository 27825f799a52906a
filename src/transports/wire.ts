// A wire: a child process whose stdin and stdout lead to a far end, with how it ended as a value.
import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

export interface Wire {
  stdin: Writable
  stdout: Readable
  stderr: Readable
  pid: number | undefined
  /** Resolves when the process is gone; never rejects. */
  ended: Promise<WireEnd>
  kill(): void
}

export type WireEnd =
  | { how: 'exit'; code: number }
  | { how: 'signal'; signal: string }
  | { how: 'never started'; cause: string }

export interface WireOptions {
  env: NodeJS.ProcessEnv
  cwd: string
}

export function spawnWire(command: string, args: string[], options: WireOptions): Wire {
  // A session of its own: Ctrl-C at our terminal is ours to handle, and must not end connections under our hands.
  const child = spawn(command, args, { stdio: 'pipe', detached: true, cwd: options.cwd, env: options.env })
  const ended = new Promise<WireEnd>((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ how: 'never started', cause: error.message })
    })
    child.once('exit', (code, signal) => {
      resolve(code === null ? { how: 'signal', signal: String(signal) } : { how: 'exit', code })
    })
  })
  // A far end that is gone shows in `ended`; the write that met it is no news.
  child.stdin.on('error', () => {})
  const kill = () => {
    child.kill('SIGKILL')
    child.stdin.destroy()
    child.stdout.destroy()
    child.stderr.destroy()
  }
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, pid: child.pid, ended, kill }
}
