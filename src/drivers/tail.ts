// The last lines of a run's output as they may be shown: terminal escapes taken out, bounded.
import { stripVTControlCharacters } from 'node:util'
import { visible, withoutReturns } from '../base/visible.ts'
import type { OutputStream } from '../model/work.ts'

const LINES = 20
const LONGEST_LINE = 500

export class Tail {
  #lines: string[] = []
  #last: Partial<Record<OutputStream, string>> = {}
  #open: Record<OutputStream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }

  add(stream: OutputStream, bytes: Uint8Array): void {
    // More than this is cut off anyway; the newest part is the one to keep.
    const newest = bytes.length > 64 * 1024 ? bytes.subarray(bytes.length - 64 * 1024) : bytes
    const lines = splitLines(Buffer.concat([this.#open[stream], newest]))
    const open = lines.pop() ?? Buffer.alloc(0)
    this.#open[stream] = Buffer.from(open.subarray(-4 * LONGEST_LINE))
    for (const line of lines.slice(-LINES)) this.#keep(stream, line)
  }

  text(): string {
    this.#keep('stdout', this.#open.stdout)
    this.#keep('stderr', this.#open.stderr)
    this.#open = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
    return this.#lines.join('\n')
  }

  /** The last line that says something; complaints go to stderr, and the two streams do not keep step. */
  lastLine(): string | undefined {
    return this.#last.stderr ?? this.#last.stdout
  }

  #keep(stream: OutputStream, line: Buffer): void {
    const whole = shownLine(line.toString())
    if (whole === '') return
    const shown = whole.length > LONGEST_LINE ? `${whole.slice(0, LONGEST_LINE - 1)}…` : whole
    this.#last[stream] = shown
    this.#lines.push(shown)
    if (this.#lines.length > LINES) this.#lines.shift()
  }
}

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let from = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
    lines.push(bytes.subarray(from, at))
    from = at + 1
  }
  lines.push(bytes.subarray(from))
  return lines
}

/** What a terminal would show in the end: of a line that was written over by carriage returns, the last version. */
function shownLine(line: string): string {
  const whole = withoutReturns(line)
  const last = whole.slice(whole.lastIndexOf('\r') + 1)
  return visible(stripVTControlCharacters(last)).trimEnd()
}
