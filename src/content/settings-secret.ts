// Reads a secret that server.yaml refers to: the first line of a file, or a variable of the environment.
import { readFile } from 'node:fs/promises'
import type { ReadSecret } from '../model/observe-settings.ts'

type Env = Readonly<Record<string, string | undefined>>

/** White space around it does not count. */
export function settingsSecrets(env: Env): ReadSecret {
  return async (ref) => {
    if ('env' in ref) return found(env[ref.env], `the environment variable ${ref.env} is not set`)
    try {
      const [line] = (await readFile(ref.file, 'utf8')).split('\n')
      return found(line, `${ref.file} is empty`)
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? String(error)
      return { ok: false, message: `${ref.file} cannot be read: ${why}` }
    }
  }
}

function found(text: string | undefined, message: string): Awaited<ReturnType<ReadSecret>> {
  const value = text?.trim() ?? ''
  return value === '' ? { ok: false, message } : { ok: true, value }
}
