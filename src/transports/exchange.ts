// One request in flight: what the far end's frames say about it, until both of its streams have ended.
import type { NodeFault } from '../model/run.ts'
import {
  FILE_ASPECTS,
  FOUND_MOST,
  type FileAspect,
  type FileChange,
  type FileFound,
  type OutputStream,
  type Work,
  type WorkResult,
} from '../model/work.ts'
import { Garbled, wordShown } from './frames.ts'

/** A little over what `drivers/outputs.ts` takes, so that it can say that there was more. */
const MOST_OUTPUTS = 1024 * 1024 + 64 * 1024
const MOST_REFUSAL = 16 * 1024
/** Once is enough; a far end that goes on asking would have the same bytes sent for ever. */
const MOST_ASKED = 3

/** What the far end is asked to end early for. */
export type Stop = { why: 'deadline' | 'cancelled'; fault: NodeFault }

export class Exchange {
  readonly seq: number
  readonly work: Work
  readonly done: Promise<WorkResult>
  isDone = false
  stop: Stop | undefined
  #startedAt = performance.now()
  #settle!: (result: WorkResult) => void
  #section: Record<OutputStream, 'before' | 'found' | 'script' | 'outputs' | 'refusal' | 'ended'> = {
    stdout: 'before',
    stderr: 'before',
  }
  #files: FileChange[] = []
  #asked = new Map<string, number>()
  #gathered: Buffer[] = []
  #gatheredBytes = 0
  #refusedAt: number | undefined
  #refused = false
  #exit: number | undefined
  #killed = false

  constructor(seq: number, work: Work) {
    this.seq = seq
    this.work = work
    this.done = new Promise((resolve) => {
      this.#settle = (result) => {
        this.isDone = true
        resolve(result)
      }
    })
  }

  /** Its turn has come, where it was sent together with others. */
  begin(): void {
    this.#startedAt = performance.now()
  }

  /** A later one has begun on stderr, which tells before stdout does that nothing more comes of this one there. */
  hadNoScript(): void {
    if (this.#section.stderr === 'before') this.#section.stderr = 'ended'
  }

  isOver(stream: OutputStream): boolean {
    return this.#section[stream] === 'ended'
  }

  /** Resolves when the consumer has taken the bytes; false when they were not this exchange's. */
  async bytes(stream: OutputStream, bytes: Uint8Array): Promise<boolean> {
    const section = this.#section[stream]
    if (section === 'script') {
      const taken = this.work.onOutput(stream, bytes)
      if (taken !== undefined) await taken
    } else if (section === 'outputs' || section === 'refusal') this.#gather(bytes, section)
    else if (section === 'found') this.#find(bytes)
    else return false
    return true
  }

  /** Indexes of files, or the word `script`, when the far end asks for bytes. */
  mark(stream: OutputStream, words: string[]): { need: ('script' | number)[] } | undefined {
    const [kind, seq, ...rest] = words
    if (seq !== String(this.seq))
      throw new Garbled(`an answer to request ${wordShown(seq)} while ${this.seq} is in flight`)
    if (kind === 'start') this.#section[stream] = 'script'
    else if (kind === 'file' && stream === 'stdout') {
      this.#section.stdout = 'before'
      this.#files.push(this.#change(rest))
    } else if (kind === 'found' && stream === 'stdout') this.#foundAt(rest)
    else if (kind === 'need' && stream === 'stdout') return { need: rest.map((word) => this.#needed(word)) }
    else if (kind === 'outputs' && stream === 'stdout') this.#section.stdout = 'outputs'
    else if (kind === 'refuse' && stream === 'stdout') {
      this.#refused = true
      this.#refusedAt = rest[0] === '-' ? undefined : this.#index(rest[0])
      this.#section.stdout = 'refusal'
    } else if (kind === 'end') this.#end(stream, rest)
    else throw new Garbled(`the word ${wordShown(kind)}`)
    return undefined
  }

  /** The world came between. */
  fail(fault: NodeFault): void {
    this.#settle({
      result: 'fault',
      fault: this.stop?.fault ?? fault,
      sent: true,
      durationMs: this.#durationMs(),
    })
  }

  #end(stream: OutputStream, rest: string[]): void {
    this.#section[stream] = 'ended'
    if (stream === 'stdout') {
      this.#exit = /^\d{1,3}$/.test(rest[0] ?? '') ? Number(rest[0]) : undefined
      this.#killed = rest[1] === 'killed'
      // No script ran, so nothing of it comes on stderr.
      if (rest[2] === 'alone') this.#section.stderr = 'ended'
    }
    if (this.#section.stdout === 'ended' && this.#section.stderr === 'ended') this.#settle(this.#result())
  }

  #result(): WorkResult {
    const durationMs = this.#durationMs()
    if (this.#refused) return this.#refusal(durationMs)
    if (this.#killed) {
      const lost: NodeFault = {
        code: 'connectionLost',
        message: 'the far end lost sight of us and ended the run',
      }
      return { result: 'fault', fault: this.stop?.fault ?? lost, sent: true, durationMs }
    }
    if (this.#exit === undefined) throw new Garbled('an end without an exit code')
    return {
      result: 'done',
      exit: this.#exit,
      outputs: Buffer.concat(this.#gathered),
      files: this.#files,
      durationMs,
    }
  }

  #refusal(durationMs: number): WorkResult {
    const said = Buffer.concat(this.#gathered).toString().trim().split('\n').join('; ') || 'it gave no reason'
    const path = this.#refusedAt === undefined ? undefined : this.work.files[this.#refusedAt]?.path
    const what = path === undefined ? 'the run cannot be prepared' : `${path} cannot be put in place`
    if (/No space left on device|Disk quota exceeded/i.test(said)) {
      const fault: NodeFault = {
        code: 'diskFull',
        message: `${what}: ${said}`,
        advice: 'Make room on the node; nothing was left half-written.',
      }
      return { result: 'fault', fault, sent: true, durationMs }
    }
    return { result: 'refused', message: `${what}: ${said}`, retry: true, files: this.#files, durationMs }
  }

  #gather(bytes: Uint8Array, section: 'outputs' | 'refusal'): void {
    const room = (section === 'outputs' ? MOST_OUTPUTS : MOST_REFUSAL) - this.#gatheredBytes
    if (room <= 0) return
    const taken = Buffer.from(bytes.subarray(0, room))
    this.#gathered.push(taken)
    this.#gatheredBytes += taken.length
  }

  #change(words: string[]): FileChange {
    const [index, ...differs] = words
    const known: readonly string[] = FILE_ASPECTS
    if (!differs.every((aspect) => known.includes(aspect)))
      throw new Garbled('an unknown difference of a file')
    const path = this.work.files[this.#index(index)]?.path ?? ''
    if (this.#files.some((told) => told.path === path)) throw new Garbled('a file that differs is told twice')
    return { path, differs: differs as FileAspect[] }
  }

  /** Of the file that was named last. */
  #foundAt([index, follow, ...rights]: string[]): void {
    const change = this.#files.at(-1)
    if (change === undefined || this.work.files[this.#index(index)]?.path !== change.path)
      throw new Garbled('a file is shown that does not differ')
    const [mode, owner, group] = rights.join(' ').split('|')
    const found: FileFound = {}
    if (mode !== undefined && owner !== undefined && group !== undefined)
      found.rights = { mode, owner, group }
    if (follow === 'bytes') {
      found.bytes = new Uint8Array()
      this.#section.stdout = 'found'
    }
    change.found = found
  }

  /** One byte more than is shown says that there were more. */
  #find(bytes: Uint8Array): void {
    const found = this.#files.at(-1)?.found
    if (found?.bytes === undefined) return
    const room = FOUND_MOST + 1 - found.bytes.length
    if (room > 0) found.bytes = Buffer.concat([found.bytes, bytes.subarray(0, room)])
  }

  #needed(word: string): 'script' | number {
    const asked = (this.#asked.get(word) ?? 0) + 1
    if (asked > MOST_ASKED) throw new Garbled('it asks for the same bytes again and again')
    this.#asked.set(word, asked)
    if (word !== 'script') return this.#index(word)
    if (this.work.script === undefined) throw new Garbled('it asks for a script that there is none of')
    return 'script'
  }

  #index(word: string | undefined): number {
    const index = Number(word)
    if (!/^\d+$/.test(word ?? '') || index >= this.work.files.length)
      throw new Garbled('an index without a file')
    return index
  }

  #durationMs(): number {
    return performance.now() - this.#startedAt
  }
}

/** The two streams do not keep step: one may be at the next request already. */
export function speaking(exchanges: readonly Exchange[], stream: OutputStream): Exchange | undefined {
  return exchanges.find((exchange) => !exchange.isOver(stream))
}

/** Whom a mark is for; undefined where it counts no more. `asked`: the number of the last request. Throws `Garbled`. */
export function addressed(
  exchanges: readonly Exchange[],
  stream: OutputStream,
  [kind, word]: readonly string[],
  asked: number,
): Exchange | undefined {
  const seq = Number(word)
  if (stream === 'stderr' && kind === 'start')
    for (const earlier of exchanges) if (earlier.seq < seq) earlier.hadNoScript()
  const exchange = speaking(exchanges, stream)
  // Said once more where the far end could not know whether it had come through.
  const isOld = exchange === undefined ? stream === 'stderr' && seq <= asked : seq < exchange.seq
  if (kind === 'end' && isOld) return undefined
  if (exchange === undefined) throw new Garbled(`the word ${wordShown(kind)} while nothing is in flight`)
  return exchange
}
