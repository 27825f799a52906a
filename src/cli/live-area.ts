// The part of a terminal that is drawn over: lines at the bottom that change, finished lines that scroll above them.
import { hasColour } from './palette.ts'
import { cut, type Line, render } from './text.ts'
import type { CliWorld } from './world.ts'

const FRAME_MS = 100
const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
/** Terminals that know synchronised updates show a frame at once; others ignore these. */
const BEGIN_FRAME = '\u001b[?2026h'
const END_FRAME = '\u001b[?2026l'
const CLEAR_BELOW = '\u001b[J'
const CLEAR_REST = '\u001b[K'

/**
 * Draws at most ten times a second, and only lines that differ. Whoever opens one closes it: the cursor comes back and
 * no timer is left. Data goes to stdout and the moving part to stderr; on a terminal both are the same screen.
 */
export class LiveArea {
  readonly #world: CliWorld
  readonly #draw: () => readonly Line[]
  readonly #stops: (() => void)[]
  /** What stands on the screen, as it was written. */
  #shown: string[] = []
  #pending: { line: Line; to: 'stdout' | 'stderr' }[] = []
  #closed = false

  /** `draw` is asked for the moving lines at each frame. */
  constructor(world: CliWorld, draw: () => readonly Line[]) {
    this.#world = world
    this.#draw = draw
    this.#stops = [
      world.every(FRAME_MS, () => this.frame()),
      world.stderr.onResize(() => this.#redraw()),
      world.onExit(() => world.stderr.write(SHOW_CURSOR)),
    ]
    this.#world.stderr.write(HIDE_CURSOR)
    this.frame()
  }

  /** Scrolls above at the next frame; data and talk keep their order where they meet on one screen. */
  print(to: 'stdout' | 'stderr', lines: readonly Line[]): void {
    for (const line of lines) this.#pending.push({ line, to })
  }

  frame(): void {
    if (this.#closed) return
    const lines = this.#rendered()
    if (this.#pending.length > 0) this.#scroll(lines)
    else this.#repaint(lines)
  }

  /** Takes the moving lines away, prints what is pending, gives the cursor back. */
  close(): void {
    if (this.#closed) return
    for (const stop of this.#stops) stop()
    this.#world.stderr.write(this.#erased())
    this.#flushPending()
    this.#world.stderr.write(SHOW_CURSOR)
    this.#closed = true
  }

  #rendered(): string[] {
    const { stderr } = this.#world
    const colour = hasColour(this.#world, stderr)
    const lines = this.#draw().slice(0, Math.max(1, stderr.rows() - 1))
    return lines.map((line) => render(cut(line, Math.max(1, stderr.columns() - 1)), colour))
  }

  #scroll(lines: string[]): void {
    this.#world.stderr.write(BEGIN_FRAME + this.#erased())
    this.#flushPending()
    this.#world.stderr.write(lines.map((line) => `${line}\n`).join('') + END_FRAME)
    this.#shown = lines
  }

  #repaint(lines: string[]): void {
    if (lines.length === this.#shown.length && lines.every((line, i) => line === this.#shown[i])) return
    const moves = lines.map((line, i) => (line === this.#shown[i] ? '\n' : `${line}${CLEAR_REST}\n`))
    const rest = this.#shown.length > lines.length ? CLEAR_BELOW : ''
    this.#world.stderr.write(BEGIN_FRAME + up(this.#shown.length) + moves.join('') + rest + END_FRAME)
    this.#shown = lines
  }

  /** After a resize nobody knows how the terminal wrapped the old lines: all are written again. */
  #redraw(): void {
    if (this.#closed) return
    const lines = this.#rendered()
    const drawn = lines.map((line) => `${line}\n`).join('')
    this.#world.stderr.write(BEGIN_FRAME + this.#erased() + drawn + END_FRAME)
    this.#shown = lines
  }

  #erased(): string {
    const erased = this.#shown.length === 0 ? '' : up(this.#shown.length) + CLEAR_BELOW
    this.#shown = []
    return erased
  }

  #flushPending(): void {
    for (const { line, to } of this.#pending) {
      const output = this.#world[to]
      output.write(`${render(line, hasColour(this.#world, output))}\n`)
    }
    this.#pending = []
  }
}

/** To the first column of the line so many above. */
function up(lines: number): string {
  return lines === 0 ? '\r' : `\r\u001b[${lines}A`
}
