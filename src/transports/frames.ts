// Takes a far end's stream apart: bytes as they are, and marks, which begin with the session's nonce.

export type Frame = { kind: 'bytes'; bytes: Uint8Array } | { kind: 'mark'; level: number; words: string[] }

/** A mark names at most one path (4 KiB) and a few numbers; `need` lists indexes. */
const LONGEST_MARK = 64 * 1024

/** What a mark begins with. No newline: the end of a line is to be shown when it comes, and not with what comes next. */
export const MARK = '\x1e'

/**
 * A mark is `MARK` nonce level ` ` words `\n`. Nobody who does not know the nonce can write one; what looks like a part of one
 * is held back only until it turns out not to be one.
 */
export class FrameReader {
  #needle: Buffer
  #held: Buffer = Buffer.alloc(0)

  constructor(nonce: string) {
    this.#needle = Buffer.from(`${MARK}${nonce}`)
  }

  /** Throws `Garbled` on a mark that does not end. */
  *push(chunk: Uint8Array): Generator<Frame> {
    let rest =
      this.#held.length > 0
        ? Buffer.concat([this.#held, chunk])
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    for (;;) {
      const found = rest.indexOf(this.#needle)
      const upTo = found >= 0 ? found : rest.length - this.#mayBegin(rest)
      if (upTo > 0) yield { kind: 'bytes', bytes: rest.subarray(0, upTo) }
      rest = rest.subarray(upTo)
      if (found < 0) break
      const end = rest.indexOf(10, this.#needle.length)
      if (end < 0) {
        if (rest.length > LONGEST_MARK) throw new Garbled('a mark that does not end')
        break
      }
      yield markOf(rest.subarray(this.#needle.length, end).toString())
      rest = rest.subarray(end + 1)
    }
    this.#held = Buffer.from(rest)
  }

  /** How many bytes at the end may be the beginning of a mark. The nonce holds no `MARK`: only the last one counts. */
  #mayBegin(rest: Buffer): number {
    const tail = rest.subarray(Math.max(0, rest.length - this.#needle.length + 1))
    const begin = tail.lastIndexOf(MARK)
    if (begin < 0) return 0
    const candidate = tail.subarray(begin)
    return this.#needle.subarray(0, candidate.length).equals(candidate) ? candidate.length : 0
  }
}

export class Garbled extends Error {
  override name = 'Garbled'
}

/** A word of the far end in a message: quoted, and no more of it than a person needs. */
export function wordShown(word: string | undefined): string {
  return JSON.stringify((word ?? '').slice(0, 50))
}

function markOf(text: string): Frame {
  const [level = '', ...words] = text.split(' ')
  if (!/^[01]$/.test(level)) throw new Garbled('a mark without a level')
  return { kind: 'mark', level: Number(level), words }
}
