// The wrapping key in a file that only its owner may read: made when it is first needed, replaced in one step.
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { answer, type Answer, type Refusal, refuse } from '../model/refusal.ts'
import { newKey, type WrappingKey, wrappingKey } from './envelope.ts'
import { KEY_SHAPE, keysOf, type KeySource, keyText } from './key-source.ts'

const MOST_BYTES = 4_096

export interface KeyFile extends KeySource {
  /** In the place of what is there; whoever reads meanwhile finds the old keys or the new ones. */
  write(keys: readonly WrappingKey[]): Answer<void>
}

export function keyFile(path: string): KeyFile {
  const where = `the file ${path}`
  const unusable = (why: string, next: string): Refusal => ({
    code: 'keyUnusable',
    message: `The key in ${where} is not used: ${why}`,
    next,
  })
  const faulted = (what: string, error: unknown): Refusal =>
    unusable(`it cannot be ${what} (${codeOf(error)})`, `see to the rights of ${path} and of its directory`)

  return { where, read, make, write }

  async function read(): Promise<Answer<WrappingKey[] | undefined>> {
    let fd: number
    try {
      fd = openSync(path, 'r')
    } catch (error) {
      return codeOf(error) === 'ENOENT' ? answer(undefined) : refuse(faulted('read', error))
    }
    try {
      const stat = fstatSync(fd)
      if (!stat.isFile()) return refuse(unusable('it is not a file', `put a file there: ${KEY_SHAPE}`))
      if ((stat.mode & 0o077) !== 0) {
        const mode = (stat.mode & 0o777).toString(8).padStart(4, '0')
        return refuse(
          unusable(
            `others than its owner may use it (mode ${mode})`,
            `chmod 600 ${path}; where others may have read it, anneal secrets rotate after that`,
          ),
        )
      }
      const bytes = Buffer.alloc(MOST_BYTES)
      const keys = keysOf(bytes.toString('latin1', 0, readSync(fd, bytes, 0, MOST_BYTES, 0)))
      return keys ? answer(keys) : refuse(unusable('it holds no key', `it takes ${KEY_SHAPE}`))
    } catch (error) {
      return refuse(faulted('read', error))
    } finally {
      closeSync(fd)
    }
  }

  async function make(): Promise<Answer<WrappingKey>> {
    const key = wrappingKey(newKey())
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      // A link fails where something is by now: no key is ever overwritten here.
      putBeside([key], (fresh) => linkSync(fresh, path))
      return answer(key)
    } catch (error) {
      return refuse(faulted('made', error))
    }
  }

  function write(keys: readonly WrappingKey[]): Answer<void> {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      putBeside(keys, (fresh) => renameSync(fresh, path))
      return answer(undefined)
    } catch (error) {
      return refuse(faulted('written', error))
    }
  }

  /** Durable when it returns: values may be sealed under it right after. */
  function putBeside(keys: readonly WrappingKey[], put: (fresh: string) => void): void {
    const fresh = `${path}.new`
    rmSync(fresh, { force: true })
    const fd = openSync(fresh, 'wx', 0o600)
    try {
      writeSync(fd, keyText(keys))
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    try {
      put(fresh)
    } finally {
      rmSync(fresh, { force: true })
    }
    syncDirectory(dirname(path))
  }
}

function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}
