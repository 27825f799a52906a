// A file's text with its name, and faults that point into it: line, column and a code frame.
import { visible } from '../base/visible.ts'
import type { Fault } from '../model/fault.ts'

export interface Source {
  /** As it is shown to people. */
  file: string
  text: string
}

/** Offsets into the text, in UTF-16 code units; `end` is exclusive. */
export interface Range {
  start: number
  end: number
}

export interface Complaint {
  code: string
  message: string
  advice?: string | undefined
  /** The lines are not shown: a secret stands there. */
  secret?: true | undefined
}

export function faultAt(source: Source, range: Range, complaint: Complaint): Fault {
  const { line, column } = position(source.text, range.start)
  return {
    file: source.file,
    line,
    column,
    code: complaint.code,
    message: complaint.message,
    ...(complaint.advice === undefined ? {} : { advice: complaint.advice }),
    ...(complaint.secret === true ? {} : { frame: codeFrame(source.text, range) }),
  }
}

/** For files that cannot be shown: not there, not text. */
export function faultInFile(file: string, complaint: Complaint): Fault {
  const { code, message, advice } = complaint
  return { file, line: 1, column: 1, code, message, ...(advice === undefined ? {} : { advice }) }
}

/** Both from 1; columns count characters, not code units. */
export function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  const line = before === '' ? 1 : before.split('\n').length
  return { line, column: characters(before.slice(lineStart)) + 1 }
}

/** The offset of a line and column that another tool reported. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0
  for (let at = 1; at < line; at++) {
    const end = text.indexOf('\n', start)
    if (end < 0) return text.length
    start = end + 1
  }
  return Math.min(start + column - 1, text.length)
}

const FRAME_WIDTH = 100

/** Two lines before, the line with carets below, one line after. No terminal escape of a file gets through. */
export function codeFrame(text: string, range: Range): string {
  const lines = text.split('\n')
  const { line } = position(text, range.start)
  const lineStart = text.lastIndexOf('\n', range.start - 1) + 1
  const first = Math.max(1, line - 2)
  const last = Math.min(lines.length, line + 1)
  const gutter = String(last).length
  const far = Math.min(range.end, lineStart + (lines[line - 1] as string).length) - lineStart > FRAME_WIDTH
  const from = far ? Math.max(0, range.start - lineStart - Math.floor(FRAME_WIDTH / 2)) : 0
  const shown: string[] = []
  for (let at = first; at <= last; at++) {
    const whole = lines[at - 1] as string
    if (at === last && at > line && whole === '') break
    const cut = visible(whole.slice(from, from + FRAME_WIDTH))
    shown.push(`${at === line ? '>' : ' '} ${String(at).padStart(gutter)} | ${cut}`.trimEnd())
    if (at === line) {
      const column = characters(visible(whole.slice(from, range.start - lineStart)))
      const marked = characters(visible(whole.slice(range.start - lineStart, range.end - lineStart)))
      const carets = '^'.repeat(Math.max(1, Math.min(marked, FRAME_WIDTH - column)))
      shown.push(`  ${' '.repeat(gutter)} | ${' '.repeat(column)}${carets}`)
    }
  }
  return shown.join('\n')
}

function characters(text: string): number {
  return Array.from(text).length
}
