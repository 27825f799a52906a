// Reads one YAML document: plain JSON out, with the place of every value found again when a fault needs it.
import { constructFromEvents, type Event, EVENT_ID, parseEvents, YAMLException } from 'js-yaml'
import { DEEPEST, type Json } from '../base/json.ts'
import type { Fault } from '../model/fault.ts'
import { faultAt, type Range, type Source } from './source.ts'
import { find, insideScalar } from './yaml-places.ts'

export interface YamlDocument {
  source: Source
  value: Json
  /**
   * Where the value at a path stands, or its key. What is not there is looked for as far as the path goes.
   * A mapping or list is shown by its key. Walks the document each time: for faults only.
   */
  locate(path: readonly string[], what: 'key' | 'value'): Range
  /** The place of a part of a string value, for languages that stand in strings. */
  locateInside(path: readonly string[], part: Range): Range
}

export type YamlResult = { ok: true; document: YamlDocument } | { ok: false; faults: Fault[] }

/** Values in one document with all aliases written out; a document of aliases to aliases can be exponential. */
const MAX_VALUES = 2_000_000

export function readYaml(source: Source): YamlResult {
  let events: Event[]
  let documents: unknown[]
  try {
    events = parseEvents(source.text, { filename: source.file, maxDepth: DEEPEST })
    documents = constructFromEvents(events, { source: source.text, filename: source.file })
  } catch (error) {
    return refuse(source, syntaxFault(source, error))
  }
  if (documents.length === 0 || documents[0] === undefined) {
    return refuse(source, { at: 0, code: 'emptyFile', message: 'the file is empty' })
  }
  if (documents.length > 1) {
    const at = startOfSecondDocument(source.text)
    return refuse(source, {
      at,
      code: 'severalDocuments',
      message: 'a second document begins here; one file holds one',
      advice: 'take the `---` out, or put the rest into a file of its own',
    })
  }
  const document = makeDocument(source, events, documents[0] as Json)
  const fault = unfit(document, events)
  return fault === undefined ? { ok: true, document } : { ok: false, faults: [fault] }
}

interface Refusal {
  at: number
  end?: number
  code: string
  message: string
  advice?: string | undefined
}

function refuse(source: Source, refusal: Refusal): YamlResult {
  const { at, end = at + 1, ...complaint } = refusal
  return { ok: false, faults: [faultAt(source, { start: at, end }, complaint)] }
}

/** What the parser says, in words for somebody who wrote the file. */
const SYNTAX: [RegExp, string, string?][] = [
  [
    /^tab characters/,
    'a tab stands where YAML wants spaces',
    'indent with spaces; tabs are not allowed in YAML indentation',
  ],
  [
    /^null byte/,
    'a NUL byte stands in the file',
    'write "\\0" in double quotes where a value has to hold one',
  ],
  [
    /complex keys/,
    'a mapping or a list stands where a word is wanted',
    'quote a value that begins with { or [',
  ],
  [
    /^(bad indentation of a mapping entry|deficient indentation)/,
    'the indentation does not fit, or a bracket or quote is still open',
    'quote a value that holds ": " or begins with one of @ ` % & * ! | > { [',
  ],
  [
    /^end of the stream or a document separator/,
    'this line does not belong to what stands before it',
    'a list and a mapping are mixed, or the indentation differs from the lines above',
  ],
  [/^nesting exceeded/, `it is nested more than ${DEEPEST} levels deep`],
  [
    /^unknown (scalar|mapping|sequence) tag/,
    'YAML tags (`!word`) are not used here',
    'quote a value that begins with !',
  ],
  [
    /^unidentified alias/,
    'this alias (`*word`) names no anchor (`&word`) above it',
    'quote a value that begins with *',
  ],
]

function syntaxFault(source: Source, error: unknown): Refusal {
  if (!(error instanceof YAMLException)) {
    return { at: 0, code: 'yamlSyntax', message: `it cannot be read as YAML: ${String(error)}` }
  }
  const at = Math.min(error.mark?.position ?? 0, source.text.length)
  if (error.reason === 'duplicated mapping key') {
    const word = /^[^:\r\n]{1,80}/.exec(source.text.slice(at))?.[0]?.trim() ?? ''
    return {
      at,
      end: at + word.length,
      code: 'duplicateKey',
      message: `the key ${word} stands twice in one mapping`,
    }
  }
  const known = SYNTAX.find(([pattern]) => pattern.test(error.reason))
  return { at, code: 'yamlSyntax', message: known?.[1] ?? `YAML: ${error.reason}`, advice: known?.[2] }
}

function startOfSecondDocument(text: string): number {
  const separators = [...text.matchAll(/^(---|\.\.\.)/gm)]
  const first = separators[0]
  const leading =
    first !== undefined &&
    text
      .slice(0, first.index)
      .replace(/^\s*(#.*)?$/gm, '')
      .trim() === ''
  return separators[leading ? 1 : 0]?.index ?? 0
}

/** What YAML can say and JSON cannot, or not in bounded space. */
function unfit(document: YamlDocument, events: Event[]): Fault | undefined {
  const text = document.source.text
  for (const event of events) {
    if (event.type !== EVENT_ID.SCALAR || event.style !== 1) continue
    const complaint = numberComplaint(text.slice(event.valueStart, event.valueEnd))
    if (complaint === undefined) continue
    const range = { start: event.valueStart, end: event.valueEnd }
    return faultAt(document.source, range, {
      code: 'numberOutOfRange',
      message: complaint,
      advice: 'quote it to keep it as text',
    })
  }
  const { count, depth } = extentOf(document.value, new Map())
  const message =
    count > MAX_VALUES
      ? `it holds more than ${MAX_VALUES} values once its aliases are written out, or an alias that holds itself`
      : depth > DEEPEST
        ? `it is nested more than ${DEEPEST} levels deep once its aliases are written out`
        : undefined
  return message === undefined
    ? undefined
    : faultAt(document.source, { start: 0, end: 1 }, { code: 'tooLarge', message })
}

function numberComplaint(plain: string): string | undefined {
  if (/^[-+]?\.(inf|nan)$/i.test(plain)) return `${plain} is not a number that JSON has`
  if (!/^[-+]?(\d|\.\d)/.test(plain)) return undefined
  const number = Number(plain)
  if (Math.abs(number) === Infinity) return `${plain.slice(0, 40)} is too large a number`
  const whole = plain.length >= 16 && /^(0x[0-9a-f]+|0o[0-7]+|[-+]?\d+)$/i.test(plain)
  // Unharmed is also what is written again as it was read.
  return whole && String(number) !== plain && BigInt(plain) !== BigInt(number)
    ? `${plain} is too large to be kept exactly`
    : undefined
}

interface Extent {
  count: number
  depth: number
}

/** Found once per shared value; infinite for one that holds itself. */
function extentOf(value: Json, known: Map<object, Extent>): Extent {
  if (value === null || typeof value !== 'object') return { count: 1, depth: 0 }
  const before = known.get(value)
  if (before !== undefined) return before
  known.set(value, { count: Infinity, depth: Infinity })
  const extent = { count: 1, depth: 1 }
  for (const part of Object.values(value)) {
    const { count, depth } = extentOf(part, known)
    extent.count += count
    extent.depth = Math.max(extent.depth, depth + 1)
  }
  known.set(value, extent)
  return extent
}

function makeDocument(source: Source, events: Event[], value: Json): YamlDocument {
  const locate = (path: readonly string[], what: 'key' | 'value') =>
    find(source.text, events, path, what).range
  return {
    source,
    value,
    locate,
    locateInside(path, part) {
      const { event, range } = find(source.text, events, path, 'value')
      const start = event === undefined ? undefined : insideScalar(source.text, event, part.start)
      return start === undefined ? range : { start, end: start + Math.max(1, part.end - part.start) }
    },
  }
}
