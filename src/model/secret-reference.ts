// References: where a secret is kept that an input is to have, in place of the secret itself.
import { isObject, type Json, type JsonObject } from '../base/json.ts'

export type SecretReference =
  | { kind: 'file'; path: string }
  | { kind: 'env'; name: string }
  /** Its standard output; no shell reads the words. */
  | { kind: 'command'; argv: string[] }
  /** Of the KV engine, version 2. */
  | { kind: 'vault'; path: string; field: string }

/** A mapping whose only key is `secret`: meant as a reference, well made or not. */
function isMeantAsReference(value: Json | undefined): value is { secret: Json } {
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

function vaultReference({ path, field, ...more }: JsonObject): SecretReference | undefined {
  if (!isWord(path) || !isWord(field) || Object.keys(more).length > 0) return undefined
  const parts = path.split('/')
  const isPath = parts.length > 1 && parts.every((part) => part !== '' && part !== '.' && part !== '..')
  return isPath ? { kind: 'vault', path, field } : undefined
}

function isArgument(value: Json): value is string {
  return typeof value === 'string' && !value.includes('\0')
}

function isWord(value: Json | undefined): value is string {
  return value !== undefined && isArgument(value) && value !== ''
}
