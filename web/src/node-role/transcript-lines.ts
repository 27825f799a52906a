// A transcript as lines: who wrote each (stdout, stderr, Anneal) and when, with its colours, safe to show.
import { AnsiReader, type Span } from './ansi.ts'

export interface TranscriptLine {
  from: 'o' | 'e' | '#'
  /** Seconds since the run began. */
  at: string
  spans: Span[]
}

/** A record a line: letter, `+` where the line goes on in the next record of that stream, seconds, text. */
const RECORD = /^([oe#])(\+?) (\d+\.\d+) ?(.*)$/s

export function transcriptLines(text: string): TranscriptLine[] {
  const readers = { o: new AnsiReader(), e: new AnsiReader(), '#': new AnsiReader() }
  const begun: Partial<Record<'o' | 'e' | '#', TranscriptLine>> = {}
  const lines: TranscriptLine[] = []
  const records = text.split('\n')
  if (records.at(-1) === '') records.pop()
  for (const record of records) {
    const match = RECORD.exec(record)
    const from = (match?.[1] ?? 'o') as 'o' | 'e' | '#'
    const said = (match?.[4] ?? record).replace(/\r$/, '')
    const spans = readers[from].line(said)
    const open = begun[from]
    if (open !== undefined) open.spans.push(...spans)
    else lines.push((begun[from] = { from, at: match?.[3] ?? '', spans }))
    if (match?.[2] !== '+') delete begun[from]
  }
  return lines
}
