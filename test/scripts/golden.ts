// Scripts with golden output: blocks of input and what came of them, compared, or rewritten with ANNEAL_REWRITE=1.
//
//   # comments and blank lines stay as they are
//   directive arguments
//   body, any number of lines
//   ----
//   the expected output, up to the next blank line
//
// Output with blank lines in it stands between `----` `----` and another `----` `----`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

export interface Step {
  /** First word of the first line. */
  directive: string
  /** The rest of the first line. */
  args: string
  /** The lines between the first line and `----`. */
  body: string
  /** Of the directive in its file, from 1. */
  line: number
}

/** Answers one step; what it throws fails the test. */
export type Handler = (step: Step) => string | Promise<string>

/** One test for each `*.txt` in the directory; each file gets a handler of its own, so that steps share state. */
export function goldenScripts(directory: string, makeHandler: (file: string) => Handler): void {
  const files = readdirSync(directory).filter((name) => name.endsWith('.txt'))
  if (files.length === 0) throw new Error(`no scripts in ${directory}`)
  for (const file of files.sort()) {
    test(file, async () => {
      const path = join(directory, file)
      const before = readFileSync(path, 'utf8')
      const after = await replay(before, makeHandler(file))
      if (process.env['ANNEAL_REWRITE'] === '1') writeFileSync(path, after)
      else expect(after).toBe(before)
    })
  }
}

/** The same text with every output as the handler gives it now. */
export async function replay(text: string, handler: Handler): Promise<string> {
  const written: string[] = []
  for (const piece of parseScript(text)) {
    if (typeof piece === 'string') written.push(piece)
    else written.push(...piece.source, ...framed(await handler(piece.step)))
  }
  return written.join('\n')
}

const RULE = '----'

interface Block {
  step: Step
  /** As it stands in the file, without its output. */
  source: string[]
}

/** Comments and blank lines as text, blocks parsed, in the order of the file. */
export function parseScript(text: string): (string | Block)[] {
  const lines = text.split('\n')
  const pieces: (string | Block)[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] as string
    if (line.trim() === '' || line.startsWith('#')) {
      pieces.push(line)
      at++
      continue
    }
    const rule = lines.indexOf(RULE, at)
    if (rule < 0) throw new Error(`line ${at + 1}: no ${RULE} after "${line}"`)
    const space = line.indexOf(' ')
    pieces.push({
      step: {
        directive: space < 0 ? line : line.slice(0, space),
        args: space < 0 ? '' : line.slice(space + 1).trim(),
        body: lines.slice(at + 1, rule).join('\n'),
        line: at + 1,
      },
      source: lines.slice(at, rule),
    })
    at = endOfOutput(lines, rule)
  }
  return pieces
}

function endOfOutput(lines: string[], rule: number): number {
  if (lines[rule + 1] === RULE) {
    for (let at = rule + 2; at + 1 < lines.length; at++) {
      if (lines[at] === RULE && lines[at + 1] === RULE) return at + 2
    }
    throw new Error(`line ${rule + 1}: output opened with two ${RULE} is not closed by two`)
  }
  const blank = lines.indexOf('', rule)
  return blank < 0 ? lines.length : blank
}

function framed(output: string): string[] {
  const lines = output === '' ? [] : output.replace(/\n$/, '').split('\n')
  return lines.includes('') ? [RULE, RULE, ...lines, RULE, RULE] : [RULE, ...lines]
}
