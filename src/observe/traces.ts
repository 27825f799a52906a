// Traces: reads the journal behind the server, and sends each cycle and each run as a span once it is over.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { isObject, type Json } from '../base/json.ts'
import type { Log } from '../base/log.ts'
import type { Clock } from '../engine/clock.ts'
import type { Serving } from '../engine/serving.ts'
import { follow, tolerate } from './follow.ts'
import type { KeptFile } from './kept-file.ts'
import { type TraceBook, traceBookOf, writeDown } from './trace-book.ts'
import { spanMaker, type SpanMaking } from './trace-spans.ts'

export interface TracesParts extends SpanMaking {
  serving: Pick<Serving, 'ask' | 'head' | 'events' | 'watch'>
  file: KeptFile
  clock: Clock
  log: Log
  endpoint: string
  headers: Record<string, string>
}

export interface Traces {
  ready: Promise<void>
  /** Sends what is over by now, for a bounded time. */
  close(): Promise<void>
}

/** Between one sending and the next, so that spans of many turns go together. */
const GATHER_MS = 1_000
const RETRY_MS = 5_000
const RETRY_MOST_MS = 300_000
const CLOSING_MS = 3_000
const DEADLINE_MS = 10_000

/** What cannot be sent waits in the journal: nothing is lost and nothing piles up while the collector is away. */
export function sendTraces(parts: TracesParts): Traces {
  const { serving, clock, file, log } = parts
  const exporter = new OTLPTraceExporter({
    url: parts.endpoint,
    headers: parts.headers,
    timeoutMillis: DEADLINE_MS,
  })
  const make = spanMaker(parts)
  const ending = new AbortController()
  const ended = new Promise<string>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve('the server ends'))
  })
  let closing = false
  let stirred = false
  let tellStirred = (): void => {}
  let fresh: TraceBook | undefined
  const following = follow(
    serving,
    (world) => {
      fresh = traceBookOf(world, serving.head())
    },
    () => {
      stirred = true
      tellStirred()
    },
  )
  const ready = following.ready.then(open)
  const over = ready.then(work).catch(tolerate)
  ready.catch(tolerate)
  return {
    ready: ready.then(() => {}),
    async close() {
      following.end()
      closing = true
      tellStirred()
      const late = setTimeout(() => ending.abort(), CLOSING_MS)
      await over
      clearTimeout(late)
      await exporter.shutdown()
    },
  }

  async function open(): Promise<TraceBook> {
    const kept = bookIn(await file.read())
    if (kept && kept.seq <= serving.head()) return kept
    await keep(fresh as TraceBook)
    return fresh as TraceBook
  }

  async function work(book: TraceBook): Promise<void> {
    for (;;) {
      stirred = false
      const last = closing
      for (let batch = await next(book); batch; batch = await next(book)) {
        const site = await serving.ask((world) => world.target?.site ?? '')
        const spans = batch.flatMap((recorded) => {
          const span = writeDown(book, recorded)
          return span ? [make(span, site)] : []
        })
        if (spans.length === 0) continue
        if (!(await send(spans))) return
        await keep(book)
      }
      if (last) return
      if (!stirred && !closing) await wait()
      if (!closing) await pause(GATHER_MS)
    }
  }

  async function next({ seq }: TraceBook): Promise<Parameters<typeof writeDown>[1][] | undefined> {
    for await (const batch of serving.events(seq)) return batch
    return undefined
  }

  /** Until they are taken; false where the server ends before. */
  async function send(spans: ReadableSpan[]): Promise<boolean> {
    for (let waitMs = RETRY_MS; !ending.signal.aborted; waitMs = Math.min(waitMs * 2, RETRY_MOST_MS)) {
      const problem = await attempt(spans)
      if (problem === undefined) return true
      log('warn', 'traces could not be sent, they are sent later', { problem, spans: spans.length })
      if (closing) return false
      await pause(waitMs)
    }
    return false
  }

  function attempt(spans: ReadableSpan[]): Promise<string | undefined> {
    const exported = new Promise<string | undefined>((resolve) => {
      exporter.export(spans, ({ code, error }) =>
        resolve(code === 0 ? undefined : (error?.message ?? 'refused')),
      )
    })
    return Promise.race([exported, ended])
  }

  function wait(): Promise<void> {
    return new Promise((resolve) => {
      tellStirred = resolve
    })
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.wakeAt(clock.now() + ms, resolve)
      const before = tellStirred
      tellStirred = () => {
        before()
        if (!closing) return
        cancel()
        resolve()
      }
    })
  }

  async function keep(book: TraceBook): Promise<void> {
    try {
      await file.write(() => book as unknown as Json)
    } catch (error) {
      log('error', 'what traces remember cannot be kept', { problem: String(error) })
    }
  }
}

/** As `writeDown` left it; anything else is begun anew. */
function bookIn(kept: Record<string, Json> | undefined): TraceBook | undefined {
  if (!kept || !Number.isInteger(kept['seq']) || !Number.isInteger(kept['runsStarted'])) return undefined
  return isObject(kept['runs']) && Array.isArray(kept['cycles']) ? (kept as unknown as TraceBook) : undefined
}
