// What was looked at on disk while a site was read: where every answer is the same once more, so is what was read.
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { digestOfBytes } from '../base/digest.ts'

/** `bytes`: what a file holds; `names`: what stands in a directory; `place`: where a path leads, and to what kind of thing. */
export type Look = [kind: 'bytes' | 'names' | 'place', path: string, answer: string]

/** Asked before the disk is read: what changes in between is then another answer the next time, and no stale reading. */
export class Looks {
  readonly #looks = new Map<string, Look>()

  names(path: string): void {
    this.#add(['names', path, namesIn(path)])
  }

  place(path: string): void {
    this.#add(['place', path, placeOf(path)])
  }

  /** Of what was read itself. */
  bytes(path: string, bytes: Uint8Array): void {
    this.#add(['bytes', path, digestOfBytes(bytes)])
  }

  all(): Look[] {
    return [...this.#looks.values()]
  }

  /** A file that was read twice and said two things leaves an answer that is never given again. */
  #add(look: Look): void {
    const key = `${look[0]} ${look[1]}`
    const known = this.#looks.get(key)
    this.#looks.set(key, known && known[2] !== look[2] ? [look[0], look[1], NEVER] : look)
  }
}

/** The bytes of files by their digests; undefined where one answer is another one now. */
export function lookAgain(looks: readonly Look[]): Map<string, Uint8Array> | undefined {
  const bytes = new Map<string, Uint8Array>()
  for (const [kind, path, answer] of looks) {
    if (kind === 'bytes') {
      const found = bytesOf(path)
      if (found === undefined || digestOfBytes(found) !== answer) return undefined
      bytes.set(answer, found)
    } else if ((kind === 'names' ? namesIn(path) : placeOf(path)) !== answer) return undefined
  }
  return bytes
}

const NEVER = '?'

/** Only of what was a regular file when it was read first; one that is a pipe by now must not be waited for. */
function bytesOf(path: string): Uint8Array | undefined {
  try {
    return statSync(path).isFile() ? new Uint8Array(readFileSync(path)) : undefined
  } catch {
    return undefined
  }
}

function namesIn(path: string): string {
  try {
    const entries = readdirSync(path, { withFileTypes: true })
    return entries
      .map((entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .sort()
      .join('\0')
  } catch {
    return '-'
  }
}

function placeOf(path: string): string {
  try {
    const found = statSync(path)
    const kind = found.isDirectory() ? 'directory' : found.isFile() ? 'file' : 'other'
    return `${kind} ${realpathSync(path)}`
  } catch {
    return '-'
  }
}
