// Output of many machines as lines: each with its machine in front, whole lines only, terminal escapes made visible.
import { StringDecoder } from 'node:string_decoder'
import { formatDuration } from '../base/duration.ts'
import { visibleLines } from '../base/visible.ts'
import type { ExecOutcome } from '../model/exec.ts'
import type { OutputStream } from '../model/work.ts'
import { faultWords } from '../model/words.ts'
import { type Line, type Span, styled } from './text.ts'

/** A line that never ends is shown in pieces. */
const LONGEST = 16 * 1024

export class ExecLines {
  readonly #show: (node: string, stream: OutputStream, line: string) => void
  readonly #open = new Map<string, { decoder: StringDecoder; rest: string }>()

  constructor(show: (node: string, stream: OutputStream, line: string) => void) {
    this.#show = show
  }

  take(node: string, stream: OutputStream, bytes: Uint8Array): void {
    const key = `${stream} ${node}`
    const open = this.#open.get(key) ?? { decoder: new StringDecoder('utf8'), rest: '' }
    this.#open.set(key, open)
    const text = open.rest + open.decoder.write(Buffer.from(bytes))
    const end = text.length > LONGEST ? text.length : text.lastIndexOf('\n') + 1
    for (const line of visibleLines(text.slice(0, end))) this.#show(node, stream, line)
    open.rest = text.slice(end)
  }

  /** What was said last without a line end. */
  end(node: string): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const open = this.#open.get(`${stream} ${node}`)
      for (const line of visibleLines(open?.rest ?? '')) this.#show(node, stream, line)
      this.#open.delete(`${stream} ${node}`)
    }
  }
}

export function outputLine(node: string, width: number, line: string): Line {
  return [styled('faint', `${node.padEnd(width)} | `), line]
}

export function isSuccess(outcome: ExecOutcome | undefined): boolean {
  return outcome?.result === 'done' && outcome.exit === 0
}

export function outcomeSpan(outcome: ExecOutcome | undefined): Span {
  if (outcome === undefined) return styled('busy', 'running')
  switch (outcome.result) {
    case 'done':
      return outcome.exit === 0 ? styled('good', 'ok') : styled('bad', `exit ${outcome.exit}`)
    case 'fault':
      return styled('bad', outcome.fault.code)
    case 'lost':
      return styled('bad', 'lost')
  }
}

/** What stands behind `! NODE`. */
export function troubleOf(outcome: ExecOutcome): string {
  switch (outcome.result) {
    case 'done':
      return `ended with exit code ${outcome.exit} after ${formatDuration(outcome.durationMs)}`
    case 'fault':
      return faultWords(outcome.fault).says
    case 'lost':
      return 'nobody knows how it ended: the process that carried it was gone'
  }
}
