// A small JSON file that is replaced as a whole: what a server must remember beside its journal.
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isObject, type Json, type JsonObject } from '../base/json.ts'

export class KeptFile {
  readonly #path: string
  #writing: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  /** Its directory is there. */
  constructor(path: string) {
    this.#path = path
  }

  /** Undefined where there is none, or where what is there is none of ours. */
  async read(): Promise<JsonObject | undefined> {
    try {
      const value = JSON.parse(await readFile(this.#path, 'utf8')) as unknown
      return isObject(value) ? value : undefined
    } catch (error) {
      if (error instanceof SyntaxError || isAbsent(error)) return undefined
      throw error
    }
  }

  /**
   * Resolves when what `content` says is durable; rejects when the disk says no. It is asked as late as possible, and what
   * is asked for while a write is under way is written once after it.
   */
  write(content: () => Json): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        this.#writing = replace(this.#path, JSON.stringify(content()))
        return this.#writing
      })
    return this.#next
  }
}

async function replace(path: string, text: string): Promise<void> {
  const aside = `${path}.new`
  const file = await open(aside, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(aside, path)
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
