// References: where a secret is kept that an input is to have, in place of the secret itself.
import { isObject, type Json, type JsonObject } from '../base/json.ts'

export type SecretReference =
  | { kind: 'file'; path: string }
  | { kind: 'env'; name: string }
  /** Its standard output; no shell reads the words. */
  | { kind: 'command'; argv: string[] }
  /** Of a KV engine, version 2. Left out: `mount` is the first part of the path. */
  | { kind: 'vault'; mount?: string; path: string; field: string }

/** `message`: what was looked for where, and why it was not found; never anything that was found. */
export type Resolved = { ok: true; value: Json } | { ok: false; message: string }

/** Text as `file`, `env` and `command` have it, without a line end; of Vault what the field is. Bounded in time and size. */
export type ResolveSecret = (reference: SecretReference, signal: AbortSignal) => Promise<Resolved>

/** A mapping whose only key is `secret`: meant as a reference, well made or not. */
export function isMeantAsReference(value: Json | undefined): value is { secret: Json } {
  return isObject(value) && Object.hasOwn(value, 'secret') && Object.keys(value).length === 1
}

/** Undefined for every other value. */
export function referenceIn(value: Json | undefined): SecretReference | undefined {
  if (!isMeantAsReference(value) || !isObject(value.secret)) return undefined
  const [[kind, where] = ['', null], ...more] = Object.entries(value.secret)
  if (more.length > 0) return undefined
  if (kind === 'file' && isWord(where)) return { kind, path: where }
  if (kind === 'env' && isWord(where) && !where.includes('=')) return { kind, name: where }
  if (kind === 'command' && Array.isArray(where) && isWord(where[0]) && where.every(isArgument))
    return { kind, argv: where }
  if (kind === 'vault' && isObject(where)) return vaultReference(where)
  return undefined
}

function vaultReference({ mount, path, field, ...more }: JsonObject): SecretReference | undefined {
  if (!isPath(path) || !isWord(field) || Object.keys(more).length > 0) return undefined
  if (mount === undefined) return path.includes('/') ? { kind: 'vault', path, field } : undefined
  return isPath(mount) ? { kind: 'vault', mount, path, field } : undefined
}

function isPath(value: Json | undefined): value is string {
  return isWord(value) && value.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

function isArgument(value: Json): value is string {
  return typeof value === 'string' && !value.includes('\0')
}

function isWord(value: Json | undefined): value is string {
  return value !== undefined && isArgument(value) && value !== ''
}

/** For sentences: `the file /etc/x`; names what is asked, never what is found. */
export function referenceWords(reference: SecretReference): string {
  switch (reference.kind) {
    case 'file':
      return `the file ${reference.path}`
    case 'env':
      return `the environment variable ${reference.name}`
    case 'command':
      return `the command ${reference.argv[0]}`
    case 'vault':
      return `${reference.field} of ${reference.path} in Vault`
  }
}

export const REFERENCE_SHAPE =
  'secret: { file: PATH }, { env: NAME }, { command: [PROGRAM, ...] } or { vault: { path: MOUNT/PATH, field: NAME } }'
