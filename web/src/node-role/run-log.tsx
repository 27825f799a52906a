// The log of a run as it is written: safe to show, with search and an address for each line.
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { CopyCommand } from '../parts/copy-command.tsx'
import { ProblemNote } from '../parts/problem-note.tsx'
import type { Style } from './ansi.ts'
import { type TranscriptLine, transcriptLines } from './transcript-lines.ts'
import { useLogText } from './use-log-text.ts'

export function RunLog({ run, running }: { run: string; running: boolean }) {
  const { text, problem, ended } = useLogText(run, running)
  const [sought, setSought] = useState('')
  const pointed = useSyncExternalStore(onHash, pointedLine)
  const lines = useMemo(() => transcriptLines(text), [text])
  const hits = useMemo(() => hitsOf(lines, sought), [lines, sought])
  const shown = sought === '' ? lines.map((_, i) => i) : hits
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 20,
  })
  useEffect(() => {
    if (pointed !== undefined && lines.length >= pointed) rows.scrollToIndex(pointed - 1, { align: 'center' })
    else if (!ended && sought === '') rows.scrollToIndex(Math.max(0, shown.length - 1))
  }, [lines.length > 0, ended ? 0 : lines.length, pointed])
  return (
    <div>
      <div className="row" style={{ margin: '4px 0' }}>
        <input
          type="search"
          placeholder="search"
          aria-label={`Search in the log of ${run}`}
          value={sought}
          onChange={(event) => setSought(event.target.value)}
        />
        <span className="faint">
          {sought === '' ? `${lines.length} lines` : `${hits.length} of ${lines.length} lines`}
          {ended ? '' : ', it goes on'}
        </span>
        <span className="grow" />
        <CopyCommand command={`anneal logs ${run}`} />
      </div>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      <div ref={box} className="log" tabIndex={0} role="region" aria-label={`Log of ${run}`}>
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const line = shown[index] as number
            const { from, at, spans } = lines[line] as TranscriptLine
            return (
              <div
                key={line}
                ref={rows.measureElement}
                data-index={index}
                className={`log-line ${line + 1 === pointed ? 'pointed' : ''}`}
                style={{
                  position: 'absolute',
                  top: 0,
                  left: 0,
                  right: 0,
                  transform: `translateY(${start}px)`,
                }}
              >
                <a
                  href={`${window.location.pathname}?run=${run}#L${line + 1}`}
                  aria-label={`line ${line + 1}`}
                >
                  {line + 1}
                </a>
                <span className="faint" title={`${WRITERS[from]}, ${at} s after the start`}>
                  {from}
                </span>
                <span className={from === '#' ? 'faint' : ''}>
                  {spans.map((span, i) => (
                    // oxlint-disable-next-line no-array-index-key -- spans are what they are by their place
                    <span key={i} style={cssOf(span.style)}>
                      <Marked text={span.text} sought={sought} />
                    </span>
                  ))}
                </span>
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

/** In CSS pixels: its number is a link, and has to be hit (WCAG 2.2, 2.5.8). */
const LINE = 24

const WRITERS = { o: 'stdout', e: 'stderr', '#': 'Anneal' } as const

function Marked({ text, sought }: { text: string; sought: string }) {
  const at = sought === '' ? -1 : text.toLowerCase().indexOf(sought.toLowerCase())
  if (at < 0) return text
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + sought.length)}</mark>
      <Marked text={text.slice(at + sought.length)} sought={sought} />
    </>
  )
}

function hitsOf(lines: readonly TranscriptLine[], sought: string): number[] {
  if (sought === '') return []
  const wanted = sought.toLowerCase()
  return lines.flatMap(({ spans }, i) =>
    spans
      .map(({ text }) => text)
      .join('')
      .toLowerCase()
      .includes(wanted)
      ? [i]
      : [],
  )
}

function onHash(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

function pointedLine(): number | undefined {
  const match = /^#L(\d{1,9})$/.exec(window.location.hash)
  return match === null ? undefined : Number(match[1])
}

/** Of both themes: each is read on light and on dark paper. */
const COLOURS = [
  'inherit',
  'var(--log-1)',
  'var(--log-2)',
  'var(--log-3)',
  'var(--log-4)',
  'var(--log-5)',
  'var(--log-6)',
  'inherit',
]

function cssOf({ colour, bold, faint, italic, underline, inverse }: Style): React.CSSProperties {
  return {
    ...(colour === undefined ? {} : { color: COLOURS[colour] }),
    ...(bold === true ? { fontWeight: 700 } : {}),
    ...(faint === true ? { color: 'var(--faint)' } : {}),
    ...(italic === true ? { fontStyle: 'italic' } : {}),
    ...(underline === true ? { textDecoration: 'underline' } : {}),
    ...(inverse === true ? { background: 'var(--ink)', color: 'var(--paper)' } : {}),
  }
}
