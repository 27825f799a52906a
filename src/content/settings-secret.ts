// A secret that server.yaml refers to: the first line of what its reference leads to.
import type { ReadSecret } from '../model/observe-settings.ts'
import { referenceWords, type ResolveSecret } from '../model/secret-reference.ts'

/** White space around it does not count. */
export function settingsSecrets(resolve: ResolveSecret): ReadSecret {
  return async (reference) => {
    const told = await resolve(reference, NEVER)
    if (!told.ok) return told
    const { value } = told
    const [line = ''] = typeof value === 'string' ? value.split('\n') : []
    const text = line.trim()
    return text === ''
      ? { ok: false, message: `${referenceWords(reference)}: its first line is no text, or empty` }
      : { ok: true, value: text }
  }
}

const NEVER = new AbortController().signal
