// Prints the transcript of a run: safe on a terminal, the bytes as they are in a pipe; follows one that still grows.
import { type FileHandle, open } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { withoutReturns } from '../base/visible.ts'
import type { RunView } from '../model/view.ts'
import type { Door } from './door.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { JsonLines } from './json-lines.ts'
import { type Line, type Style, styled } from './text.ts'

export interface TranscriptRequest {
  /** Undefined where there is none. */
  source: TranscriptSource | undefined
  run: RunView
  raw: boolean
  json: boolean
  /** Given: go on reading until the run is over. */
  isOver?: () => Promise<boolean>
}

export interface TranscriptSource {
  /** From this byte on, as far as there are any now; none where there are not. */
  read(from: number): Promise<Uint8Array>
  close(): Promise<void>
}

const LOOK_EVERY_MS = 250
const CHUNK = 1 << 16

export async function printTranscript(door: Door, request: TranscriptRequest): Promise<ExitCode> {
  const { source } = request
  if (source === undefined) return withoutTranscript(door, request)
  try {
    const sink = sinkFor(door, request)
    await copy(door, source, request.isOver, sink)
    sink.end()
    return EXIT.ok
  } finally {
    await source.close()
  }
}

/** Undefined where the file is not there. */
export async function fileSource(path: string): Promise<TranscriptSource | undefined> {
  const file = await openIfThere(path)
  if (file === undefined) return undefined
  const buffer = Buffer.alloc(CHUNK)
  return {
    async read(from) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, from)
      return Uint8Array.from(buffer.subarray(0, bytesRead))
    },
    close: () => file.close(),
  }
}

interface Sink {
  take(bytes: Uint8Array): void
  end(): void
}

async function copy(
  door: Door,
  source: TranscriptSource,
  isOver: TranscriptRequest['isOver'],
  sink: Sink,
): Promise<void> {
  let from = 0
  const interrupt = new AbortController()
  const unlisten = isOver === undefined ? undefined : door.world.onInterrupt(() => interrupt.abort())
  try {
    let over = isOver === undefined
    while (!door.world.stdout.closed()) {
      const bytes = await source.read(from)
      from += bytes.length
      if (bytes.length > 0) sink.take(bytes)
      else if (over || interrupt.signal.aborted) return
      else {
        over = isOver === undefined || (await isOver())
        if (!over) await door.pause(LOOK_EVERY_MS, interrupt.signal)
      }
    }
  } finally {
    unlisten?.()
  }
}

function sinkFor(door: Door, request: TranscriptRequest): Sink {
  const { stdout } = door.world
  if (request.json) return jsonSink(door.json('logs', request.run))
  if (request.raw || !stdout.isTTY) return { take: (bytes) => stdout.write(bytes), end() {} }
  return lineSink((lines) => door.print(lines.map(recordLine)))
}

function jsonSink(json: JsonLines): Sink {
  return lineSink((lines) => {
    for (const line of lines) json.line('log', parseRecord(line))
  })
}

/** Escapes are made visible where the line is rendered. */
function recordLine(line: string): Line {
  const { stream, text } = parseRecord(line)
  const style: Style = stream === 'note' ? 'faint' : stream === 'stderr' ? 'warn' : 'plain'
  return [styled('faint', line.slice(0, line.length - text.length)), styled(style, withoutReturns(text))]
}

interface LogRecord {
  stream?: 'stdout' | 'stderr' | 'note'
  atMs?: number
  /** The line goes on in the next record of its stream. */
  goesOn?: true
  text: string
}

/** The runner's form: `o`, `e` or `#`, then `+` where the line goes on, seconds since the start, what was printed. */
function parseRecord(line: string): LogRecord {
  const found = /^([oe#])(\+?) (\d+)\.(\d{3}) (.*)$/s.exec(line)
  if (found === null) return { text: line }
  const [, letter = 'o', plus, seconds, ms, text = ''] = found
  return {
    stream: STREAMS[letter as keyof typeof STREAMS],
    atMs: Number(seconds) * 1_000 + Number(ms),
    ...(plus === '+' ? { goesOn: true } : {}),
    text,
  }
}

const STREAMS = { o: 'stdout', e: 'stderr', '#': 'note' } as const

/** Hands on whole lines, and what is left at the end. */
function lineSink(give: (lines: readonly string[]) => void): Sink {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    take(bytes) {
      const text = rest + decoder.write(Buffer.from(bytes))
      const end = text.lastIndexOf('\n') + 1
      if (end > 0) give(text.slice(0, end - 1).split('\n'))
      rest = text.slice(end)
    },
    end() {
      rest += decoder.end()
      if (rest !== '') give([rest])
    },
  }
}

function withoutTranscript(door: Door, request: TranscriptRequest): ExitCode {
  if (request.json) door.json('logs', request.run)
  const { run } = request
  const why =
    run.result === 'running'
      ? 'it has printed nothing yet'
      : 'it printed nothing, or its transcript was cleared away'
  door.talk([[styled('faint', `no transcript of ${run.run}: ${why}`)]])
  return EXIT.ok
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}
