// Reads the secrets that settings refer to, at the start of a server: from files and from its environment.
import { readFile } from 'node:fs/promises'
import type { SecretRef } from '../model/observe-settings.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** `whose`: as a refusal names it, e.g. `webhooks ops`. Of a file the first line; white space around it does not count. */
export async function readSecret(ref: SecretRef, whose: string, env: Env): Promise<Answer<string>> {
  const text = 'file' in ref ? (await textOf(ref.file))?.split('\n')[0] : env[ref.env]
  if (text?.trim()) return answer(text.trim())
  const where = 'file' in ref ? `the file ${ref.file}` : `the environment variable ${ref.env}`
  return noSecret(whose, `${where} is not there, cannot be read, or is empty`)
}

export function noSecret<T>(whose: string, message: string): Answer<T> {
  return refuse({ code: 'invalidSite', message: `server.yaml, ${whose}: ${message}`, faults: [] })
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined // why it is not to be had is said with its path
  }
}
