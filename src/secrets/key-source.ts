// Where the wrapping key comes from: the interface, the text in which keys are told, and what is said when there is none.
import type { Answer, Refusal } from '../model/refusal.ts'
import { KEY_BYTES, keyOf, type WrappingKey, wrappingKey } from './envelope.ts'

export interface KeySource {
  /** As an operator knows it: `the file /srv/site/.anneal/secrets.key`. */
  readonly where: string
  /** The first one wraps; others only unwrap. Undefined where there is none yet. */
  read(): Promise<Answer<WrappingKey[] | undefined>>
  /** Where one may be made; made only when there is none. */
  make?(): Promise<Answer<WrappingKey>>
}

const WORD = 'anneal-key-1'

export function keyText(keys: readonly WrappingKey[]): string {
  return keys.map(({ key }) => `${WORD} ${key.export().toString('base64')}\n`).join('')
}

/** Lines as `keyText` makes them, or one key alone in base64 or hex. Undefined where anything else is. */
export function keysOf(text: string): WrappingKey[] | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const keys = lines.map((line) => bytesIn(line.trim(), lines.length === 1))
  if (keys.length === 0 || keys.includes(undefined)) return undefined
  return keys.map((key) => wrappingKey(keyOf(key as Buffer)))
}

function bytesIn(line: string, isAlone: boolean): Buffer | undefined {
  const [word, told, ...more] = line.split(' ')
  if (word === WORD && told !== undefined && more.length === 0) return bytesOf(told, 'base64')
  if (!isAlone) return undefined
  return /^[0-9a-fA-F]{64}$/.test(line) ? bytesOf(line, 'hex') : bytesOf(line, 'base64')
}

function bytesOf(text: string, encoding: 'base64' | 'hex'): Buffer | undefined {
  const bytes = Buffer.from(text, encoding)
  const isWhole = encoding === 'hex' || bytes.toString('base64') === text
  return isWhole && bytes.length === KEY_BYTES ? bytes : undefined
}

export const KEY_SHAPE = '32 random bytes in base64, as openssl rand -base64 32 prints them'

export function keyMissing(where: string, under: string): Refusal {
  return {
    code: 'keyMissing',
    message: `The secrets of this site are sealed under the key ${under}, and there is no key in ${where}`,
    next: 'put that key back, or say where it is (secrets: { key: ... } in anneal.yaml); without it they cannot be read: move .anneal/ away and anneal up anew',
  }
}

export function keyWrong(where: string, found: readonly WrappingKey[], under: string): Refusal {
  return {
    code: 'keyWrong',
    message: `The secrets of this site are sealed under the key ${under}, and ${where} holds the key ${found.map(({ id }) => id).join(', ')}`,
    next: 'put that key back, or say where it is (secrets: { key: ... } in anneal.yaml); anneal secrets status tells what is sealed under which key',
  }
}
