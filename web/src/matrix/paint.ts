// Draws the part of the matrix that is seen: what one frame costs depends on the window and not on the fleet.
import { STATES, type State } from '../../../src/model/reason.ts'
import { type Cells, NOT_PLACED } from '../live/cells.ts'
import { CELL, type Geometry, LINE, NAMES } from './geometry.ts'
import type { Lines, MatrixLine } from './lines.ts'
import { LETTERS, LOOKS, SURFACE, type Theme } from './palette.ts'

export interface Frame {
  cells: Cells
  lines: Lines
  geometry: Geometry
  scroll: { left: number; top: number }
  size: { width: number; height: number }
  cursor: { line: number; column: number } | undefined
  theme: Theme
}

const FONT = '12px ui-sans-serif, system-ui, sans-serif'
const MONO = '12px ui-monospace, "DejaVu Sans Mono", monospace'

/** `context` is scaled so that one unit is one CSS pixel. */
export function paint(context: CanvasRenderingContext2D, frame: Frame): void {
  const surface = SURFACE[frame.theme]
  context.fillStyle = surface.paper
  context.fillRect(0, 0, frame.size.width, frame.size.height)
  const { geometry, scroll, size, lines } = frame
  context.save()
  context.beginPath()
  context.rect(0, geometry.head, size.width, size.height - geometry.head)
  context.clip()
  const first = Math.floor(scroll.top / LINE)
  const last = Math.min(lines.lines.length, Math.ceil((scroll.top + size.height - geometry.head) / LINE))
  for (let i = first; i < last; i++) {
    const y = geometry.head + i * LINE - scroll.top
    paintLine(context, frame, lines.lines[i] as MatrixLine, y)
  }
  paintCursor(context, frame)
  context.restore()
  paintHead(context, frame)
}

function paintLine(context: CanvasRenderingContext2D, frame: Frame, line: MatrixLine, y: number): void {
  if (line.kind === 'group') return paintGroup(context, frame, line, y)
  const { cells, lines, scroll, size, theme } = frame
  const tiles = tilesOf(theme)
  const width = cells.columns.length
  const firstColumn = Math.floor(scroll.left / CELL)
  const lastColumn = Math.min(lines.columns.length, Math.ceil((scroll.left + size.width - NAMES) / CELL))
  for (let i = firstColumn; i < lastColumn; i++) {
    const byte = cells.bytes[line.row * width + (lines.columns[i] as number)] as number
    if (byte === NOT_PLACED) continue
    context.drawImage(tiles[byte] as HTMLCanvasElement, NAMES + i * CELL - scroll.left, y, CELL, LINE)
  }
  const surface = SURFACE[theme]
  context.fillStyle = surface.paper
  context.fillRect(0, y, NAMES, LINE)
  context.fillStyle = surface.ink
  context.font = MONO
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.fillText(shortened(cells.nodes[line.row] as string, 23), 22, y + LINE / 2 + 0.5)
}

function paintGroup(
  context: CanvasRenderingContext2D,
  { theme, size }: Frame,
  group: Extract<MatrixLine, { kind: 'group' }>,
  y: number,
): void {
  const surface = SURFACE[theme]
  context.fillStyle = surface.line
  context.fillRect(0, y + 1, size.width, LINE - 2)
  context.fillStyle = surface.ink
  context.font = `600 ${FONT}`
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  const name = `${group.closed ? '▸' : '▾'} ${group.name === '' ? '(none)' : group.name}`
  context.fillText(shortened(name, 25), 6, y + LINE / 2 + 0.5)
  context.font = FONT
  let x = NAMES + 6
  const told = [`${group.nodes} ${group.nodes === 1 ? 'node' : 'nodes'}`]
  STATES.forEach((state, i) => {
    const count = group.counts[i] ?? 0
    if (count > 0) told.push(`${count} ${state}`)
  })
  for (const each of told) {
    context.fillText(each, x, y + LINE / 2 + 0.5)
    x += context.measureText(each).width + 16
  }
}

function paintCursor(
  context: CanvasRenderingContext2D,
  { cursor, geometry, scroll, lines, theme }: Frame,
): void {
  if (cursor === undefined || lines.lines[cursor.line] === undefined) return
  const y = geometry.head + cursor.line * LINE - scroll.top
  const isWide = cursor.column < 0 || lines.lines[cursor.line]?.kind === 'group'
  const x = isWide ? 0 : NAMES + cursor.column * CELL - scroll.left
  if (!isWide && x < NAMES - CELL / 2) return
  context.strokeStyle = SURFACE[theme].cursor
  context.lineWidth = 2
  context.strokeRect(x + 1, y + 1, (isWide ? NAMES : CELL) - 2, LINE - 2)
}

function paintHead(context: CanvasRenderingContext2D, frame: Frame): void {
  const { cells, lines, geometry, scroll, size, cursor, theme } = frame
  const surface = SURFACE[theme]
  context.fillStyle = surface.paper
  context.fillRect(0, 0, size.width, geometry.head)
  context.save()
  context.beginPath()
  context.rect(NAMES, 0, size.width - NAMES, geometry.head)
  context.clip()
  geometry.names.forEach((name, i) => {
    const x = NAMES + i * CELL - scroll.left
    const deployment = geometry.above.get(i)
    if (deployment !== undefined) {
      context.fillStyle = surface.ink
      context.font = `600 ${FONT}`
      context.textAlign = 'left'
      context.textBaseline = 'alphabetic'
      context.fillText(deployment, Math.max(x + 4, NAMES + 4), 13)
      context.fillStyle = surface.line
      context.fillRect(x, 4, 1, geometry.head - 4)
    }
    context.save()
    context.translate(x + CELL / 2 + 4, geometry.head - 6)
    context.rotate(-Math.PI / 2)
    context.fillStyle = cursor?.column === i ? surface.ink : surface.faint
    context.font = cursor?.column === i ? `600 ${FONT}` : FONT
    context.textAlign = 'left'
    context.textBaseline = 'alphabetic'
    context.fillText(shortened(name, Math.floor((geometry.head - 26) / 6)), 0, 0)
    context.restore()
  })
  context.restore()
  context.fillStyle = surface.line
  context.fillRect(0, geometry.head - 1, size.width, 1)
  context.fillStyle = surface.faint
  context.font = FONT
  context.textAlign = 'left'
  context.textBaseline = 'alphabetic'
  context.fillText(`${lines.nodes} of ${cells.nodeCount} nodes`, 6, geometry.head - 8)
}

const tiles = new Map<string, HTMLCanvasElement[]>()

/** One small picture per state, drawn once: a frame copies them. */
function tilesOf(theme: Theme): HTMLCanvasElement[] {
  const scale = window.devicePixelRatio
  const key = `${theme} ${scale}`
  let made = tiles.get(key)
  if (made === undefined) tiles.set(key, (made = STATES.map((state) => tileOf(state, theme, scale))))
  return made
}

function tileOf(state: State, theme: Theme, scale: number): HTMLCanvasElement {
  const tile = document.createElement('canvas')
  tile.width = Math.ceil(CELL * scale)
  tile.height = Math.ceil(LINE * scale)
  const context = tile.getContext('2d') as CanvasRenderingContext2D
  const { fill, ink } = LOOKS[theme][state]
  context.scale(scale, scale)
  context.fillStyle = fill
  context.fillRect(1, 1, CELL - 2, LINE - 2)
  context.strokeStyle = ink
  // Shape says it once more: an error stands out by its edge, what is only proposed has a broken one.
  if (state === 'error') context.strokeRect(2.5, 2.5, CELL - 5, LINE - 5)
  if (state === 'proposed') {
    context.setLineDash([3, 2])
    context.strokeRect(1.5, 1.5, CELL - 3, LINE - 3)
  }
  context.fillStyle = ink
  context.font = state === 'active' ? '700 14px system-ui, sans-serif' : '700 11px system-ui, sans-serif'
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillText(LETTERS[state], CELL / 2, LINE / 2 + 0.5)
  return tile
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`
}
