// Runs a command of the operator's for what it prints: no shell, no input, bounded in time and in size.
import { spawn } from 'node:child_process'
import { formatDuration } from '../base/duration.ts'
import { visible } from '../base/visible.ts'

export interface CommandLimits {
  timeoutMs: number
  mostBytes: number
}

export type Printed = { ok: true; bytes: Buffer } | { ok: false; why: string }

const STDERR_BYTES = 4_096
const LINE_SHOWN = 200

/** `why` never holds anything that was printed on stdout. Ended with all that it started when the signal says so. */
export function runCommand(
  argv: readonly string[],
  cwd: string,
  limits: CommandLimits,
  signal?: AbortSignal,
): Promise<Printed> {
  const [program = '', ...words] = argv
  return new Promise((resolve) => {
    // In a group of its own, so that it can be ended with its children.
    const child = spawn(program, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const out: Buffer[] = []
    let outBytes = 0
    let said = Buffer.alloc(0)
    let ended: string | undefined
    const end = (why: string): void => {
      ended ??= why
      if (child.pid !== undefined) kill(child.pid)
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const timer = setTimeout(
      () => end(`it did not end within ${formatDuration(limits.timeoutMs)}`),
      limits.timeoutMs,
    )
    const abort = (): void => end('it was no longer wanted')
    signal?.addEventListener('abort', abort, { once: true })
    child.stdout.on('data', (bytes: Buffer) => {
      outBytes += bytes.length
      if (outBytes > limits.mostBytes) end(`it printed more than ${limits.mostBytes} bytes`)
      else out.push(bytes)
    })
    child.stderr.on('data', (bytes: Buffer) => {
      said = Buffer.concat([said, bytes]).subarray(-STDERR_BYTES)
    })
    child.on('error', (error: NodeJS.ErrnoException) => {
      done({ ok: false, why: ended ?? `it could not be started (${error.code ?? error.message})` })
    })
    child.on('close', (code, ending) => {
      if (ended !== undefined) done({ ok: false, why: ended })
      else if (code === 0) done({ ok: true, bytes: Buffer.concat(out) })
      else done({ ok: false, why: `it ${endingWords(code, ending)}${lastLine(said, Buffer.concat(out))}` })
    })
    if (signal?.aborted) abort()

    function done(printed: Printed): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      resolve(printed)
    }
  })
}

function kill(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

function endingWords(code: number | null, signal: NodeJS.Signals | null): string {
  return code === null ? `was ended by ${String(signal)}` : `ended with exit code ${code}`
}

/** What it said of why, unless that holds what it printed as the secret. */
function lastLine(said: Buffer, printed: Buffer): string {
  const line = said.toString().trimEnd().split('\n').at(-1)?.trim() ?? ''
  const secret = printed.toString().trim()
  if (line === '' || (secret !== '' && line.includes(secret))) return ''
  return `: ${visible(line.slice(0, LINE_SHOWN))}`
}
