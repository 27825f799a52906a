// The wrapping key from a command: a password manager, a key service; it prints the key, and no shell reads its words.
import { answer, refuse } from '../model/refusal.ts'
import { KEY_SHAPE, keysOf, type KeySource } from './key-source.ts'
import { runCommand } from './run-command.ts'

const LIMITS = { timeoutMs: 60_000, mostBytes: 4_096 }

export function keyCommand(argv: readonly string[], siteDir: string): KeySource {
  const where = `the command ${JSON.stringify(argv)}`
  return {
    where,
    async read() {
      const printed = await runCommand(argv, siteDir, LIMITS)
      if (!printed.ok) {
        const message = `The key from ${where} is not to be had: ${printed.why}`
        return refuse({ code: 'keyMissing', message, next: 'run that command by hand and see what it lacks' })
      }
      const keys = keysOf(printed.bytes.toString('latin1'))
      if (keys) return answer(keys)
      const message = `What ${where} prints is no key`
      return refuse({ code: 'keyUnusable', message, next: `it is to print ${KEY_SHAPE}` })
    },
  }
}
