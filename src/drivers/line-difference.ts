// The difference of two texts by lines, as `diff -u` writes it; by Myers' greedy way (An O(ND) Difference Algorithm, 1986).
import { visible } from '../base/visible.ts'

export interface Side {
  name: string
  text: string
}

export interface Hiding {
  /** A line without what must not be shown. */
  hide(line: string): string
  /**
   * The side whose secrets `hide` knows. Where one of its lines with a secret was changed, what stands there on the other
   * side may be a secret that nobody told us: it is not shown at all.
   */
  secretsOf: string
}

const CONTEXT = 3
const LINES_MOST = 200
const LONGEST_LINE = 500
/** Beyond so many changes the texts have little in common, and one is shown instead of the other. */
const CHANGES_MOST = 1_000

export function lineDifference(before: Side, after: Side, hiding: Hiding): string {
  const a = linesOf(before.text)
  const b = linesOf(after.text)
  const shown = [`--- ${before.name}`, `+++ ${after.name}`]
  for (const hunk of hunksOf(blocksOf(a, b), a.length)) {
    shown.push(headOf(hunk))
    let at = hunk.from
    for (const block of hunk.blocks) {
      for (; at < block.a; at++) shown.push(` ${lineShown(hiding.hide(a[at] as string))}`)
      const gone = a.slice(block.a, block.a + block.gone)
      const come = b.slice(block.b, block.b + block.come)
      const known = before.name === hiding.secretsOf ? gone : come
      const isSecret = known.some((line) => hiding.hide(line) !== line)
      const show = (side: Side, line: string): string =>
        isSecret && side.name !== hiding.secretsOf ? BLOTTED : lineShown(hiding.hide(line))
      shown.push(
        ...gone.map((line) => `-${show(before, line)}`),
        ...come.map((line) => `+${show(after, line)}`),
      )
      at = block.a + block.gone
    }
    for (; at < hunk.to; at++) shown.push(` ${lineShown(hiding.hide(a[at] as string))}`)
  }
  const more = shown.length - LINES_MOST
  return (more > 0 ? [...shown.slice(0, LINES_MOST), `(${more} more lines)`] : shown).join('\n')
}

/** So many lines of `a` from one place are gone, and so many of `b` came in their stead. */
interface Block {
  a: number
  gone: number
  b: number
  come: number
}

interface Hunk {
  from: number
  to: number
  blocks: Block[]
}

const BLOTTED = '••••••'
const NO_NEWLINE = '\n\\ No newline at end of file'

/** The last line says it where it does not end; so such a line differs from one that does. */
function linesOf(text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n')
  const last = lines.pop() as string
  if (last !== '') lines.push(`${last}${NO_NEWLINE}`)
  return lines
}

function lineShown(line: string): string {
  const ended = line.endsWith(NO_NEWLINE)
  const whole = visible(ended ? line.slice(0, -NO_NEWLINE.length) : line)
  const short = whole.length > LONGEST_LINE ? `${whole.slice(0, LONGEST_LINE - 1)}…` : whole
  return ended ? `${short}${NO_NEWLINE}` : short
}

function headOf({ from, to, blocks }: Hunk): string {
  const first = blocks[0] as Block
  const grown = blocks.reduce((sum, { gone, come }) => sum + come - gone, 0)
  return `@@ -${range(from, to - from)} +${range(first.b - (first.a - from), to - from + grown)} @@`
}

function range(from: number, count: number): string {
  return `${count === 0 ? from : from + 1}${count === 1 ? '' : `,${count}`}`
}

function hunksOf(blocks: readonly Block[], lines: number): Hunk[] {
  const hunks: Hunk[] = []
  for (const block of blocks) {
    const from = Math.max(0, block.a - CONTEXT)
    const to = Math.min(lines, block.a + block.gone + CONTEXT)
    const last = hunks.at(-1)
    if (last && from <= last.to) {
      last.to = to
      last.blocks.push(block)
    } else hunks.push({ from, to, blocks: [block] })
  }
  return hunks
}

function blocksOf(a: readonly string[], b: readonly string[]): Block[] {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const inA = a.slice(start, a.length - end)
  const inB = b.slice(start, b.length - end)
  if (inA.length === 0 && inB.length === 0) return []
  const same = pathOf(inA, inB)
  if (!same) return [{ a: start, gone: inA.length, b: start, come: inB.length }]
  const blocks: Block[] = []
  let x = 0
  let y = 0
  for (const [nextX, nextY] of [...same, [inA.length, inB.length] as const]) {
    if (nextX > x || nextY > y) blocks.push({ a: start + x, gone: nextX - x, b: start + y, come: nextY - y })
    x = nextX + 1
    y = nextY + 1
  }
  return blocks
}

/** Pairs of equal lines on the shortest way from one text to the other; undefined when it is too long. */
function pathOf(a: readonly string[], b: readonly string[]): [number, number][] | undefined {
  const most = Math.min(a.length + b.length, CHANGES_MOST)
  const width = 2 * most + 3
  const middle = most + 1
  const furthest = new Int32Array(width)
  const trace: Int32Array[] = []
  for (let changes = 0; changes <= most; changes++) {
    trace.push(furthest.slice(middle - changes - 1, middle + changes + 2))
    for (let k = -changes; k <= changes; k += 2) {
      const down = k === -changes || (k !== changes && at(k - 1) < at(k + 1))
      let x = down ? at(k + 1) : at(k - 1) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      furthest[middle + k] = x
      if (x >= a.length && x - k >= b.length) return wayBack(trace, a.length, b.length)
    }
  }
  return undefined

  function at(k: number): number {
    return furthest[middle + k] as number
  }
}

function wayBack(trace: readonly Int32Array[], endX: number, endY: number): [number, number][] {
  const same: [number, number][] = []
  let x = endX
  let y = endY
  for (let changes = trace.length - 1; changes >= 0; changes--) {
    const before = trace[changes] as Int32Array
    const at = (k: number): number => before[k + changes + 1] as number
    const k = x - y
    const down = k === -changes || (k !== changes && at(k - 1) < at(k + 1))
    const fromK = down ? k + 1 : k - 1
    const fromX = changes === 0 ? 0 : at(fromK)
    // One line gone or come, and equal ones from there.
    const editX = changes === 0 || down ? fromX : fromX + 1
    while (x > editX) same.push([--x, --y])
    x = fromX
    y = changes === 0 ? 0 : fromX - fromK
  }
  return same.reverse()
}
