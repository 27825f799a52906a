// Draws what a terminal showed as an SVG: text with colour codes comes in (`tmux capture-pane -e -p`), a picture goes out.
import { readFileSync } from 'node:fs'

const COLOURS: Record<string, string> = {
  31: '#ff7b72',
  32: '#56d364',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#39c5cf',
  90: '#8b949e',
}
const CELL = { width: 8.43, height: 18 }
const EDGE = 16

interface Span {
  column: number
  text: string
  colour: string
  bold: boolean
  faint: boolean
}

const lines = readFileSync(0, 'utf8').replace(/\s+$/, '').split('\n').map(spansOf)
process.stdout.write(draw(lines))

/** Runs of equal style; what the terminal marks in other ways is left out. */
function spansOf(line: string): Span[] {
  const spans: Span[] = []
  let style = { colour: '#e6edf3', bold: false, faint: false }
  let column = 0
  // oxlint-disable-next-line no-control-regex -- it reads what a terminal reads
  for (const [, codes, text] of line.matchAll(/\u001b\[([\d;]*)m|([^\u001b]+)/g)) {
    if (text === undefined) {
      for (const code of (codes || '0').split(';')) style = styled(style, code)
    } else {
      spans.push({ column, text, ...style })
      column += cellsOf(text)
    }
  }
  return spans
}

/** What we print is one cell a character; graphemes that take two are not drawn. */
function cellsOf(text: string): number {
  return Array.from(new Intl.Segmenter().segment(text)).length
}

function styled(style: Omit<Span, 'column' | 'text'>, code: string): Omit<Span, 'column' | 'text'> {
  if (code === '0') return { colour: '#e6edf3', bold: false, faint: false }
  if (code === '1') return { ...style, bold: true }
  if (code === '2') return { ...style, faint: true }
  if (code === '22') return { ...style, bold: false, faint: false }
  if (code === '39') return { ...style, colour: '#e6edf3' }
  return COLOURS[code] === undefined ? style : { ...style, colour: COLOURS[code] }
}

function draw(rows: Span[][]): string {
  const columns = Math.max(...rows.flat().map((span) => span.column + cellsOf(span.text)))
  const width = Math.ceil(columns * CELL.width + 2 * EDGE)
  const height = rows.length * CELL.height + 2 * EDGE
  const texts = rows.flatMap((spans, row) =>
    spans.filter((span) => span.text.trim() !== '').map((span) => textOf(span, row)),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">
${texts.join('\n')}
</g>
</svg>
`
}

/** The length is given, so that columns stand under each other in any font. */
function textOf({ column, text, colour, bold, faint }: Span, row: number): string {
  const x = (EDGE + column * CELL.width).toFixed(1)
  const y = EDGE + (row + 0.75) * CELL.height
  const length = (cellsOf(text) * CELL.width).toFixed(1)
  const weight = bold ? ' font-weight="bold"' : ''
  const opacity = faint ? ' opacity="0.65"' : ''
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${colour}"${weight}${opacity}>${escaped}</text>`
}
