// Follows references to secrets: files, the environment, commands and Vault; each in bounded time, equal ones that are asked for together once.
import { open } from 'node:fs/promises'
import { constants } from 'node:fs'
import { resolve as resolvePath } from 'node:path'
import { Gate } from '../base/gate.ts'
import type { VaultSettings } from '../model/secrets.ts'
import {
  type Resolved,
  type ResolveSecret,
  referenceWords,
  type SecretReference,
} from '../model/secret-reference.ts'
import type { Answer } from '../model/refusal.ts'
import { runCommand } from './run-command.ts'

export interface FollowOptions {
  siteDir: string
  env: Readonly<Record<string, string | undefined>>
  /** Asked when a reference to Vault is followed, and no earlier. */
  vault: () => Promise<Answer<VaultSettings>>
  timeoutMs?: number
}

const TIMEOUT_MS = 30_000
const MOST_BYTES = 64 * 1024
/** A fleet may ask for a secret per node at the same moment. */
const AT_ONCE = 8

export function followReferences(options: FollowOptions): ResolveSecret {
  const gate = new Gate(AT_ONCE)
  const following = new Map<string, { found: Promise<Resolved>; wanted: number; abort: AbortController }>()

  return async (reference, signal) => {
    const key = JSON.stringify(reference)
    const known = following.get(key)
    const abort = known?.abort ?? new AbortController()
    const one = known ?? {
      found: gate
        .through(() => follow(options, reference, abort.signal))
        .finally(() => following.delete(key)),
      wanted: 0,
      abort,
    }
    following.set(key, one)
    one.wanted++
    const leave = (): void => {
      if (--one.wanted > 0) return
      // Who asks from now on is not to be given what was given up.
      if (following.get(key) === one) following.delete(key)
      abort.abort()
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    const found = await one.found
    signal.removeEventListener('abort', leave)
    return found.ok ? found : { ok: false, message: `${referenceWords(reference)}: ${found.message}` }
  }
}

async function follow(
  options: FollowOptions,
  reference: SecretReference,
  signal: AbortSignal,
): Promise<Resolved> {
  const { siteDir, env, vault, timeoutMs = TIMEOUT_MS } = options
  switch (reference.kind) {
    case 'file':
      return readFile(resolvePath(siteDir, reference.path))
    case 'env': {
      const value = Object.hasOwn(env, reference.name) ? env[reference.name] : undefined
      return value === undefined ? failed('it is not set where Anneal runs') : textOf(Buffer.from(value))
    }
    case 'command': {
      const printed = await runCommand(reference.argv, siteDir, { timeoutMs, mostBytes: MOST_BYTES }, signal)
      return printed.ok ? textOf(printed.bytes) : failed(printed.why)
    }
    case 'vault': {
      const settings = await vault()
      if (!settings.ok) return failed(settings.refusal.message)
      const { vaultField } = await import('./vault.ts')
      return vaultField(reference, { settings: settings.value, env, siteDir, timeoutMs, signal })
    }
  }
}

/** Only a file is read: a pipe could keep us waiting for ever. */
async function readFile(path: string): Promise<Resolved> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!(await file.stat()).isFile()) return failed('it is not a file')
      const { bytesRead, buffer } = await file.read(Buffer.alloc(MOST_BYTES + 1), 0, MOST_BYTES + 1, 0)
      if (bytesRead > MOST_BYTES) return failed(`it is larger than ${MOST_BYTES} bytes`)
      return textOf(buffer.subarray(0, bytesRead))
    } finally {
      await file.close()
    }
  } catch (error) {
    return failed(`it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'for no known reason'})`)
  }
}

/** Without the one line end that editors and `echo` leave. */
function textOf(bytes: Buffer): Resolved {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return failed('it is not text')
  }
  const value = text.replace(/\r?\n$/, '')
  return value === '' ? failed('it is empty') : { ok: true, value }
}

function failed(message: string): Resolved {
  return { ok: false, message }
}
