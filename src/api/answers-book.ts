// The book of answers beside the journal: what was begun under which key and what came of it, so that a restart repeats nothing.
import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { isObject } from '../base/json.ts'
import type { Kept } from './idempotency.ts'

export interface Begun {
  /** Of whoever asked. */
  key: string
  /** Over method, address and body. */
  what: string
  /** Milliseconds since the epoch. */
  since: number
}

/** `untold`: it is done, and its answer is not kept. Absent: it was under way. */
export interface Booked extends Begun {
  answer?: Kept | 'untold'
}

export interface AnswersBook {
  /** As the server before left it, oldest first. */
  booked: readonly Booked[]
  /** Durable when it resolves. */
  begin(begun: Begun): Promise<void>
  /** Durable when it resolves; without an answer it is as if it had never been asked. */
  end(begun: Begun, answer: Kept | 'untold' | undefined): Promise<void>
  close(): Promise<void>
}

/** From so much on it is written anew, with what still counts. */
const LARGE = 64 * 1024 * 1024

/** `countsFrom`: what was asked before that moment is forgotten. The file is for its owner alone. */
export async function openAnswersBook(path: string, countsFrom: () => number): Promise<AnswersBook> {
  const all = new Map((await bookedIn(path)).map((one) => [one.key, one]))
  const isOld = [...all.values()].some(({ since }) => since < countsFrom())
  // Another server of the site may have it open: it is not put aside without need. After half of a line a new one begins.
  let file = isOld ? await rewritten() : await open(path, 'a', 0o600)
  await file.appendFile('\n')
  let bytes = 0
  let writing: Promise<void> = Promise.resolve()
  return { booked: [...all.values()], begin, end, close }

  function begin(begun: Begun): Promise<void> {
    all.delete(begun.key)
    all.set(begun.key, begun)
    return write(begun)
  }

  function end(begun: Begun, answer: Kept | 'untold' | undefined): Promise<void> {
    if (answer === undefined) all.delete(begun.key)
    else all.set(begun.key, { ...begun, answer })
    return write({ ...begun, answer: answer ?? null })
  }

  async function close(): Promise<void> {
    await writing.catch(() => {})
    await file.close()
  }

  /** One after the other; a disk that says no once may say yes to the next. */
  function write(line: object): Promise<void> {
    const text = `${JSON.stringify(line)}\n`
    writing = writing
      .catch(() => {})
      .then(async () => {
        bytes += text.length
        await file.appendFile(text)
        await file.datasync()
        if (bytes < LARGE) return
        bytes = 0
        await file.close()
        file = await rewritten()
      })
    return writing
  }

  async function rewritten(): Promise<FileHandle> {
    for (const { key, since } of all.values()) if (since < countsFrom()) all.delete(key)
    const aside = `${path}.new`
    const fresh = await open(aside, 'w', 0o600)
    await fresh.writeFile([...all.values()].map((one) => `${JSON.stringify(one)}\n`).join(''))
    await fresh.sync()
    await fresh.close()
    await rename(aside, path)
    return open(path, 'a', 0o600)
  }
}

/** The last line may be half of one: whoever asked was not answered then. */
async function bookedIn(path: string): Promise<Booked[]> {
  const all = new Map<string, Booked>()
  for (const text of (await textOf(path)).split('\n')) {
    const line = bookedOf(text)
    if (!line) continue
    all.delete(line.key)
    if (line.answer !== null) all.set(line.key, line as Booked)
  }
  return [...all.values()]
}

type Line = Begun & { answer?: Booked['answer'] | null }

function bookedOf(text: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text)
    if (!isObject(line)) return undefined
    const { key, what, since, answer } = line
    const isBegun = typeof key === 'string' && typeof what === 'string' && typeof since === 'number'
    return isBegun && isAnswer(answer) ? (line as unknown as Line) : undefined
  } catch {
    return undefined
  }
}

function isAnswer(answer: unknown): boolean {
  if (answer === undefined || answer === null || answer === 'untold') return true
  if (typeof answer !== 'object') return false
  const { status, headers, body } = answer as Record<string, unknown>
  return typeof status === 'number' && Array.isArray(headers) && typeof body === 'string'
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
