// The part of the world that is this process: its streams, its clock, its signals, whoever started it.
import { hostname, userInfo } from 'node:os'
import { isatty, type WriteStream } from 'node:tty'
import type { CliWorld, Input, Output } from './world.ts'

export type ProcessWorld = Omit<
  CliWorld,
  | 'version'
  | 'loadSite'
  | 'siteStamp'
  | 'openOperations'
  | 'transcriptPath'
  | 'serve'
  | 'runner'
  | 'makeToken'
  | 'makeEnrolment'
  | 'trail'
  | 'journal'
  | 'signInLink'
  | 'openPage'
  | 'lab'
  | 'secrets'
  | 'demo'
>

export function processWorld(): ProcessWorld {
  return {
    stdin: standardInput(),
    stdout: standardOutput(() => process.stdout),
    stderr: standardOutput(() => process.stderr),
    env: process.env,
    cwd: process.cwd(),
    runtime: `node ${process.version}`,
    user: whoAmI(),
    now: () => Date.now(),
    every(ms, tick) {
      const timer = setInterval(tick, ms)
      return () => clearInterval(timer)
    },
    onInterrupt,
    onExit(listener) {
      process.on('exit', listener)
      return () => process.off('exit', listener)
    },
    exit: (code) => process.exit(code),
  }
}

/** A person's name in the timeline; with sudo that of the person and not of root. */
function whoAmI(): string {
  const name = process.env['SUDO_USER'] ?? process.env['USER'] ?? nameOfUser()
  return `${name}@${hostname()}`
}

function nameOfUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}` // containers may run as a number that no name belongs to
  }
}

function onInterrupt(listener: () => void): () => void {
  for (const signal of INTERRUPTS) process.on(signal, listener)
  return () => {
    for (const signal of INTERRUPTS) process.off(signal, listener)
  }
}

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Opened by the first who has to do with it. */
function standardOutput(open: () => WriteStream): Output {
  let opened: WriteStream | undefined
  let closed = false
  const stream = (): WriteStream => {
    opened ??= open().on('error', (fault: NodeJS.ErrnoException) => {
      if (!READER_IS_GONE.has(fault.code ?? '')) throw fault
      closed = true
    })
    return opened
  }
  return {
    write(text) {
      if (!closed) stream().write(text)
    },
    get isTTY() {
      return stream().isTTY === true
    },
    // A terminal that was never told its size says 0.
    columns: () => stream().columns || 80,
    rows: () => stream().rows || 24,
    onResize(listener) {
      stream().on('resize', listener)
      return () => stream().off('resize', listener)
    },
    closed: () => closed,
  }
}

/** A pipe whose reader ended, a terminal whose window was closed. */
const READER_IS_GONE = new Set(['EPIPE', 'EIO', 'ECONNRESET'])

/** The stream itself is opened by the first question; before, it would only cost time. */
function standardInput(): Input {
  return {
    get isTTY() {
      return isatty(0)
    },
    async readLine(signal) {
      const { createInterface } = await import('node:readline')
      const lines = createInterface({
        input: process.stdin,
        terminal: false,
        ...(signal === undefined ? {} : { signal }),
      })
      try {
        for await (const line of lines) return line
        return undefined
      } finally {
        lines.close()
        process.stdin.pause()
      }
    },
  }
}
