// A transcript: what one run wrote, in a file that only we read, in lines that say stream and time.
import { createReadStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { formatDuration } from '../base/duration.ts'
import type { OutputStream } from '../model/work.ts'

/**
 * One record a line: `o`, `e` or `#` (stdout, stderr, a note of ours), seconds since the start, the bytes as they were.
 * `+` after the letter: the line goes on in the next record of that stream (it was long, or the stream ended in it).
 *
 *     # 0.000 run-7 apply store/etcd-1/etcd
 *     o 0.012 Reading package lists...
 *     e+ 0.013 no newline at the end
 *     # 0.020 ok
 */
export interface TranscriptLine {
  from: OutputStream | 'note'
  atMs: number
  bytes: Buffer
  goesOn: boolean
}

export interface TranscriptOptions {
  siteDir: string
  run: string
  /** Past this many bytes nothing more is kept, and a note says so. */
  mostBytes: number
  /** The disk's refusal; said once, the run goes on. */
  onFault(message: string): void
  /** Instead of a file on this machine's disk, e.g. for a run on machines that are simulated. */
  open?: (path: string) => Promise<TranscriptFile>
  /** Also there what was written is told soon, although nothing more comes. */
  soon?: boolean
}

export interface TranscriptFile {
  writeFile(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

const LETTERS = { stdout: 'o', stderr: 'e', note: '#' } as const
const FLUSH_AT = 256 * 1024
export const LONGEST_RECORD = 64 * 1024
/** What a record begins with. */
export const RECORD_HEAD: RegExp = /^([oe#])(\+?) (\d+)\.(\d{3}) /
/** Whoever follows a run that goes on sees a line so much later at the latest. */
const SOON_MS = 200

export function transcriptPath(siteDir: string, run: string): string {
  return join(siteDir, '.anneal', 'runs', `${run.replace(/[^A-Za-z0-9._-]/g, '_')}.log`)
}

export class TranscriptWriter {
  #options: TranscriptOptions
  #startedAt = performance.now()
  #open: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] }
  #openLength: Record<OutputStream, number> = { stdout: 0, stderr: 0 }
  #pending: Buffer[] = []
  #pendingBytes = 0
  #keptBytes = 0
  #full = false
  #file: TranscriptFile | undefined
  #faulty = false
  #writing: Promise<void> = Promise.resolve()
  #soon: NodeJS.Timeout | undefined

  constructor(options: TranscriptOptions) {
    this.#options = options
  }

  note(text: string): void {
    for (const line of text.split('\n')) this.#record('note', Buffer.from(line), false, true)
  }

  /** A promise while the disk is behind. */
  add(stream: OutputStream, bytes: Uint8Array): void | Promise<void> {
    let from = 0
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      this.#part(stream, bytes.subarray(from, at), true)
      from = at + 1
    }
    this.#part(stream, bytes.subarray(from), false)
    return this.#pendingBytes >= FLUSH_AT ? this.#flush() : undefined
  }

  async end(result: string): Promise<void> {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#openLength[stream] > 0) this.#record(stream, this.#takeOpen(stream), true)
    }
    this.note(`${result} (${formatDuration(performance.now() - this.#startedAt)})`)
    await this.#flush()
    await this.#file?.close().catch(() => {})
  }

  #part(stream: OutputStream, bytes: Uint8Array, ended: boolean): void {
    if (this.#full) return
    for (let from = 0; from < bytes.length; from += LONGEST_RECORD) {
      const piece = bytes.subarray(from, from + LONGEST_RECORD)
      this.#open[stream].push(Buffer.from(piece))
      this.#openLength[stream] += piece.length
      if (this.#openLength[stream] > LONGEST_RECORD) this.#record(stream, this.#takeOpen(stream), true)
    }
    if (ended) this.#record(stream, this.#takeOpen(stream), false)
  }

  #takeOpen(stream: OutputStream): Buffer {
    const bytes = Buffer.concat(this.#open[stream])
    this.#open[stream] = []
    this.#openLength[stream] = 0
    return bytes
  }

  #record(from: TranscriptLine['from'], bytes: Buffer, goesOn: boolean, always = false): void {
    if (this.#full && !always) return
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(3)
    const head = Buffer.from(`${LETTERS[from]}${goesOn ? '+' : ''} ${seconds} `)
    const length = head.length + bytes.length + 1
    if (!always && this.#keptBytes + length > this.#options.mostBytes) {
      this.#full = true
      this.note(`cut here: a transcript keeps ${this.#options.mostBytes} bytes`)
      return
    }
    this.#keptBytes += length
    this.#pendingBytes += length
    this.#pending.push(head, bytes, NEWLINE)
    // On machines that are simulated no time passes but theirs.
    if (this.#options.open === undefined || this.#options.soon)
      this.#soon ??= setTimeout(() => void this.#flush(), SOON_MS).unref()
  }

  #flush(): Promise<void> {
    clearTimeout(this.#soon)
    this.#soon = undefined
    const bytes = Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    this.#writing = this.#writing.then(() => this.#write(bytes))
    return this.#writing
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#faulty) return
    const path = transcriptPath(this.#options.siteDir, this.#options.run)
    try {
      this.#file ??= await (this.#options.open ?? openTranscript)(path)
      await this.#file.writeFile(bytes)
    } catch (error) {
      this.#faulty = true
      this.#options.onFault(
        `the transcript of ${this.#options.run} is not complete: ${(error as Error).message}`,
      )
    }
  }
}

const NEWLINE = Buffer.from('\n')

export async function openTranscript(path: string): Promise<TranscriptFile> {
  try {
    return await open(path, 'w', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
    return open(path, 'w', 0o600)
  }
}

/** Undefined when there is no transcript of that run. Redacted when written; control characters are as they were. */
export async function* readTranscript(siteDir: string, run: string): AsyncGenerator<TranscriptLine> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(transcriptPath(siteDir, run))) {
    rest = Buffer.concat([rest, chunk as Buffer])
    let from = 0
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10, from)) {
      const line = lineOf(rest.subarray(from, at))
      if (line !== undefined) yield line
      from = at + 1
    }
    rest = rest.subarray(from)
  }
}

function lineOf(record: Buffer): TranscriptLine | undefined {
  const head = RECORD_HEAD.exec(record.subarray(0, 40).toString('latin1'))
  if (head === null) return undefined
  const [whole, letter, plus, seconds, ms] = head
  const from = letter === 'o' ? 'stdout' : letter === 'e' ? 'stderr' : 'note'
  return {
    from,
    atMs: Number(seconds) * 1000 + Number(ms),
    bytes: record.subarray(whole.length),
    goesOn: plus === '+',
  }
}
