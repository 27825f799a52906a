// Looks at a Jinja template before any run: its syntax, and inputs that the role does not have.
import { nearest } from '../base/nearest.ts'
import { decodeText } from './files.ts'
import { checkTemplate, isFilter } from './renderer.ts'
import { type Complaint, offsetOf, type Range, type Source } from './source.ts'

export type TemplateFaults =
  | { ok: true; source: Source; faults: (Complaint & { range: Range })[] }
  | { ok: false; complaint: Complaint }

export function templateFaults(bytes: Uint8Array, path: string, inputs: readonly string[]): TemplateFaults {
  const text = decodeText(bytes)
  if (!text.ok)
    return { ok: false, complaint: { ...text.complaint, message: `${path}: ${text.complaint.message}` } }
  const source = { file: path, text: text.value }
  const fault = checkTemplate(text.value, path)
  if (fault !== undefined) {
    const start = offsetOf(text.value, fault.line, fault.column)
    const { code, message, advice } = fault
    return { ok: true, source, faults: [{ code, message, advice, range: { start, end: start + 1 } }] }
  }
  const code = codeOf(text.value)
  return {
    ok: true,
    source,
    faults: [...unknownInputs(code, inputs), ...unknownFilters(code), ...otherFiles(code)],
  }
}

type Faults = (Complaint & { range: Range })[]

/** `inputs.word` inside `{{ }}` and `{% %}`, outside of strings. A template that sets `inputs` itself is left alone. */
function unknownInputs(code: string, inputs: readonly string[]): Faults {
  return [...code.matchAll(/(?<![\w.])inputs\.([A-Za-z_]\w*)/g)].flatMap((found) => {
    const word = found[1] as string
    if (inputs.includes(word)) return []
    const near = nearest(word, inputs)
    const start = found.index + 'inputs.'.length
    return [
      {
        code: 'unknownInput',
        message: `the role has no input ${word}`,
        advice: near === undefined ? 'declare it under inputs:' : `did you mean ${near}?`,
        range: { start, end: start + word.length },
      },
    ]
  })
}

function unknownFilters(code: string): Faults {
  return [...code.matchAll(/\|\s*([A-Za-z_]\w*)/g)].flatMap((found) => {
    const word = found[1] as string
    if (isFilter(word)) return []
    const start = found.index + found[0].length - word.length
    return [
      {
        code: 'unknownFilter',
        message: `no filter ${word}`,
        advice: 'filters are those of minijinja, and b64encode, b64decode, to_yaml, quote',
        range: { start, end: start + word.length },
      },
    ]
  })
}

function otherFiles(code: string): Faults {
  return [...code.matchAll(/\{%[-+]?\s*(include|extends|import|from)\b/g)].map((found) => ({
    code: 'otherTemplate',
    message: `a template is one file: ${found[1]} is not possible`,
    range: { start: found.index, end: found.index + found[0].length },
  }))
}

/**
 * The text with all that is not template code blanked out, so that offsets stay. It goes from mark to mark: one expression
 * for all of it looks at a text full of openings once from each of them.
 */
function codeOf(text: string): string {
  let code = ''
  let at = 0
  for (;;) {
    const start = indexOf(OPENING, text, at)
    const tag = start < 0 ? undefined : tagAt(text, start)
    if (tag === undefined) return code + blank(text.slice(at))
    const inside = tag.isCode
      ? tag.text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, blank)
      : blank(tag.text)
    code += blank(text.slice(at, start)) + inside
    at = start + tag.text.length
  }
}

const OPENING = /\{[{%#]/g
const RAW = /^\{%[-+]?\s*raw\s*[-+]?%\}$/
const END_OF_RAW = /\{%[-+]?\s*endraw\s*[-+]?%\}/g
const CLOSING: Record<string, string> = { '{{': '}}', '{%': '%}', '{#': '#}' }

/** Undefined where it is not closed. */
function tagAt(text: string, start: number): { text: string; isCode: boolean } | undefined {
  const opening = text.slice(start, start + 2)
  const end = text.indexOf(CLOSING[opening] as string, start + 2)
  if (end < 0) return undefined
  const tag = text.slice(start, end + 2)
  if (!RAW.test(tag)) return { text: tag, isCode: opening !== '{#' }
  const endOfRaw = indexOf(END_OF_RAW, text, end)
  return endOfRaw < 0
    ? undefined
    : { text: text.slice(start, text.indexOf('%}', endOfRaw) + 2), isCode: false }
}

function indexOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? -1
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}
