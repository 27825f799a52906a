// Blots out secret values in a stream of bytes, in the forms in which scripts and tools print them.
import { type Json, isObject } from '../base/json.ts'

/** Shorter ones would blot out half of every log. */
const SHORTEST_SECRET = 4
const BLOT = Buffer.from('••••••')

/** All forms to look for: plain, escaped for JSON, URLs and shells, base64 (at any alignment), and the lines of longer ones. */
export function secretForms(values: Iterable<Json>): Buffer[] {
  const forms = new Map<string, Buffer>()
  const add = (bytes: Buffer) => {
    if (bytes.length >= SHORTEST_SECRET) forms.set(bytes.toString('latin1'), bytes)
  }
  for (const text of texts(values)) {
    for (const part of [text, text.trim(), ...longLines(text)]) {
      const bytes = Buffer.from(part)
      const forms = [part, shellForm(part), ...jsonForms(part), ...urlForms(part), ...base64Forms(bytes)]
      for (const form of forms) add(Buffer.from(form))
    }
    for (const line of base64Lines(Buffer.from(text))) add(Buffer.from(line))
  }
  return [...forms.values()].sort((a, b) => b.length - a.length)
}

/** One for each stream; forms may fall across the borders of chunks. */
export class Redactor {
  #forms: readonly Buffer[]
  #longest: number
  #held: Buffer = Buffer.alloc(0)
  /** So many of the bytes held are of a secret whose blot was shown already. */
  #covered = 0

  constructor(forms: readonly Buffer[]) {
    this.#forms = forms
    this.#longest = forms[0]?.length ?? 0
  }

  /** What is safe to show so far; what may be the beginning of a secret is held back. */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#longest === 0) return bytes
    return this.#cleaned(Buffer.concat([this.#held, bytes]), false)
  }

  /** The rest, when the stream has ended. */
  end(): Uint8Array {
    const rest = this.#held
    this.#held = Buffer.alloc(0)
    return this.#cleaned(rest, true)
  }

  #cleaned(bytes: Buffer, ended: boolean): Buffer {
    const upTo = ended ? bytes.length : this.#holdFrom(bytes)
    const shown: Buffer[] = []
    let from = Math.min(this.#covered, upTo)
    let covered = this.#covered
    for (const { start, end } of this.#found(bytes)) {
      if (start >= upTo) break
      if (start >= covered) shown.push(bytes.subarray(from, start), BLOT)
      covered = Math.max(covered, end)
      from = Math.min(covered, upTo)
    }
    shown.push(bytes.subarray(from, upTo))
    this.#held = Buffer.from(bytes.subarray(upTo))
    this.#covered = Math.max(0, covered - upTo)
    return Buffer.concat(shown)
  }

  /** Where forms stand, in order; they may overlap. */
  #found(bytes: Buffer): { start: number; end: number }[] {
    const spans: { start: number; end: number }[] = []
    for (const form of this.#forms) {
      for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) {
        spans.push({ start: at, end: at + form.length })
      }
    }
    return spans.sort((a, b) => a.start - b.start)
  }

  /** The first place from which everything to the end could be the beginning of a form. */
  #holdFrom(bytes: Buffer): number {
    return Math.min(bytes.length, ...this.#forms.map((form) => mayBeginAt(bytes, form)))
  }
}

/** Found by the form's first bytes, so that a long form does not cost a look at each place. */
function mayBeginAt(bytes: Buffer, form: Buffer): number {
  let at = Math.max(0, bytes.length - form.length + 1)
  const head = form.subarray(0, SHORTEST_SECRET)
  while (at < bytes.length) {
    const found = bytes.indexOf(head, at)
    at = found >= 0 ? found : Math.max(at, bytes.length - head.length + 1)
    const tail = bytes.subarray(at)
    if (form.subarray(0, tail.length).equals(tail)) return at
    at++
  }
  return bytes.length
}

function* texts(values: Iterable<Json>): Generator<string> {
  for (const value of values) {
    if (typeof value === 'string') yield value
    else if (typeof value === 'number') yield String(value)
    else if (Array.isArray(value)) yield* texts(value)
    else if (isObject(value)) yield* texts(Object.values(value))
  }
}

/** A key is printed line by line; its frame (`-----BEGIN ...`) is no secret. */
function longLines(text: string): string[] {
  if (!text.includes('\n')) return []
  return text.split(/\r?\n/).filter((line) => line.length >= 8 && !line.startsWith('-----'))
}

/** As `set -x` shows a word in single quotes. */
function shellForm(text: string): string {
  return text.replaceAll("'", "'\\''")
}

/** As JSON.stringify and jq write it, with all but ASCII escaped (Python), with `/` escaped (PHP), and JSON within JSON. */
function jsonForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const ascii = json.replaceAll(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return [json, ascii].flatMap((one) => [one, one.replaceAll('/', '\\/'), JSON.stringify(one).slice(1, -1)])
}

/** What JavaScript leaves as it is, curl escapes; Python leaves `/`; forms have `+` for a space; hex digits come in both cases. */
function urlForms(text: string): string[] {
  const plain = encodeURIComponent(text.toWellFormed())
  const strict = plain.replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  return [plain, strict, strict.replaceAll('%2F', '/')].flatMap((one) => {
    const lower = one.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())
    return [one, lower, one.replaceAll('%20', '+'), lower.replaceAll('%20', '+')]
  })
}

/** A longer one as `base64` (76) and `openssl base64` (64) break it into lines; the last line ends with what follows it. */
function base64Lines(bytes: Buffer): string[] {
  const digits = bytes.toString('base64').slice(0, Math.floor((bytes.length * 8) / 6))
  return [64, 76].flatMap((width) => {
    if (digits.length <= width) return []
    const lines = digits.match(new RegExp(`.{1,${width}}`, 'g')) ?? []
    return lines.filter((line) => line.length >= 8)
  })
}

/**
 * Base64 of the bytes alone, and the digits that are theirs alone when they stand in the midst of other bytes (as in
 * `user:password`), for each of the three alignments.
 */
function base64Forms(bytes: Buffer): string[] {
  const forms = [bytes.toString('base64').replace(/=+$/, '')]
  for (const before of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const first = Math.ceil((before * 8) / 6)
    const last = Math.floor(((before + bytes.length) * 8) / 6)
    forms.push(encoded.slice(first, last))
  }
  return forms
    .flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
    .filter((form) => form.length >= 6)
}
