// One command at a time: a lock that the kernel lets go when its holder dies, however it dies.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { LabFault } from './fault.ts'

/** Holds the lock on `path` while `work` runs; waits up to `waitS` seconds for another holder. */
export async function withLock<T>(path: string, waitS: number, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true })
  const release = await take(path, waitS)
  try {
    return await work()
  } finally {
    release()
  }
}

/** The lock is held by a child that waits for our end of its stdin to close, which our death does, too. */
function take(path: string, waitS: number): Promise<() => void> {
  const child = spawn('flock', ['--wait', String(waitS), path, 'sh', '-c', 'echo held; cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new LabFault('command-failed', `flock: ${cause.message}`, cause)))
    child.stdout.once('data', () => resolve(() => child.stdin.end()))
    child.once('exit', () =>
      reject(new LabFault('lab-is-busy', `another command has held ${path} for more than ${waitS} s`)),
    )
  })
}
