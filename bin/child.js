// Runs a program in our terminal, outlives it, and tells how it ended. Plain JavaScript for any Node from 18 on.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Gives its exit code as a shell counts it, and 127 where there is no such program. What it is told to end by is for it
 * to obey, so that it can clean up: we go on until it is gone, and `interrupted` says that we were told as well.
 */
export function runChild(file, args, options) {
  return new Promise((resolve) => {
    let interrupted = false
    const child = spawn(file, args, options)
    const handlers = SIGNALS.map((signal) => {
      const pass = () => {
        interrupted = true
        // A terminal sends Ctrl-C to all of us at once, and a second one would mean: do not even clean up.
        if (signal !== 'SIGINT' || !atTerminal()) child.kill(signal)
      }
      process.on(signal, pass)
      return () => process.off(signal, pass)
    })
    const end = (code, fault) => {
      for (const off of handlers) off()
      resolve({ code, interrupted, fault })
    }
    // A signal that could not be passed on comes here as well: what sudo started as root takes none from us.
    child.on('error', (fault) => child.pid === undefined && end(127, fault))
    child.on('exit', (code, signal) => end(code ?? 128 + constants.signals[signal]))
  })
}

function atTerminal() {
  return [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY)
}
