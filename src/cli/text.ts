// Lines of styled text, before anybody knows whether they end on a terminal: formatters make these and nothing else.
import { visible } from '../base/visible.ts'

export type Style = 'plain' | 'strong' | 'faint' | 'good' | 'bad' | 'warn' | 'busy' | 'accent'

export type Span = string | { text: string; style: Style }

export type Line = readonly Span[]

export function styled(style: Style, text: string): Span {
  return { text, style }
}

/** All text is made safe here, and only here: what a node says cannot steer the terminal. */
export function render(line: Line, colour: boolean): string {
  return line.map((span) => renderSpan(span, colour)).join('')
}

export function renderAll(lines: readonly Line[], colour: boolean): string {
  return lines.map((line) => `${render(line, colour)}\n`).join('')
}

/** What goes into a line among others of a text that may have several, such as the message of a template. */
export function firstLine(text: string): string {
  const [first = '', ...more] = text.split('\n')
  return more.length > 0 ? `${first} …` : first
}

/** The whole of such a text: a line, and what follows set off from it. */
export function wholeText(text: string): [first: string, further: Line[]] {
  const [first = '', ...more] = text.split('\n')
  return [first, more.map((line): Line => [styled('faint', '| '), line])]
}

export function indent(columns: number, lines: readonly Line[]): Line[] {
  return lines.map((line) => (line.length === 0 ? line : [' '.repeat(columns), ...line]))
}

/** Columns that a text takes on a terminal: 2 for wide East Asian characters and emoji, 0 for combining marks. */
export function columnsOf(text: string): number {
  // oxlint-disable-next-line no-control-regex -- the common case: printable ASCII only
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length
  let columns = 0
  for (const character of visible(text)) columns += characterColumns(character)
  return columns
}

export function lineColumns(line: Line): number {
  return line.reduce((sum, span) => sum + columnsOf(plain(span)), 0)
}

/** The line within so many columns, the last one being `…` when something was cut. */
export function cut(line: Line, columns: number): Line {
  if (lineColumns(line) <= columns) return line
  const kept: Span[] = []
  let left = columns - 1
  for (const span of line) {
    const text = cutText(visible(plain(span)), left)
    left -= columnsOf(text)
    kept.push(restyled(span, text))
    if (text !== visible(plain(span))) break
  }
  return [...kept, '…']
}

export function pad(span: Span, columns: number, side: 'left' | 'right' = 'left'): Span {
  const spaces = ' '.repeat(Math.max(0, columns - columnsOf(plain(span))))
  return restyled(span, side === 'left' ? plain(span) + spaces : spaces + plain(span))
}

export function plain(span: Span): string {
  return typeof span === 'string' ? span : span.text
}

function restyled(span: Span, text: string): Span {
  return typeof span === 'string' ? text : { text, style: span.style }
}

function cutText(text: string, columns: number): string {
  let kept = ''
  let left = columns
  for (const character of text) {
    left -= characterColumns(character)
    if (left < 0) break
    kept += character
  }
  return kept
}

function characterColumns(character: string): number {
  if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) return 0
  const wide =
    /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/
  if (wide.test(character)) return 2
  return /\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u.test(character) ? 2 : 1
}

/** SGR codes to begin and end each style; the sixteen colours that every palette has tuned for its background. */
const SGR: Record<Style, readonly [string, string] | undefined> = {
  plain: undefined,
  strong: ['1', '22'],
  faint: ['2', '22'],
  good: ['32', '39'],
  bad: ['31', '39'],
  warn: ['33', '39'],
  busy: ['36', '39'],
  accent: ['34', '39'],
}

function renderSpan(span: Span, colour: boolean): string {
  const text = visible(plain(span))
  const codes = typeof span === 'string' ? undefined : SGR[span.style]
  if (!colour || codes === undefined || text === '') return text
  return `\u001b[${codes[0]}m${text}\u001b[${codes[1]}m`
}
