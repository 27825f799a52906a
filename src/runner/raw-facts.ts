// The raw lines of facts.sh by what they are of, and the moves that make safe values of them.
import { type Json, type JsonObject, objectFrom } from '../base/json.ts'

const LONGEST_TEXT = 200

/** Lines by what they are of: a file's path, or a word with `=` before it. */
export interface RawFacts {
  all(name: string): readonly string[]
  /** The first line, trimmed and bounded; undefined when there is none that says something. */
  one(name: string): string | undefined
  /** Names `x` for which there is a `before` x `after`. */
  between(before: string, after: string): string[]
}

export function rawFacts(text: string): RawFacts {
  const byName = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, name, rest] = /^(=[a-z_]+) (.*)$/.exec(line) ?? /^(\/[^:]*):(.*)$/.exec(line) ?? []
    if (name === undefined || rest === undefined) continue
    const lines = byName.get(name)
    if (lines === undefined) byName.set(name, [rest])
    else lines.push(rest)
  }
  return {
    all: (name) => byName.get(name) ?? [],
    one: (name) => clean(byName.get(name)?.[0]),
    between: (before, after) =>
      [...byName.keys()]
        .filter((name) => name.startsWith(before) && name.endsWith(after))
        .map((name) => name.slice(before.length, name.length - after.length))
        .filter((name) => name !== '' && !name.includes('/')),
  }
}

/** Without the keys that nothing is known of. */
export function some(members: Record<string, Json | undefined>): JsonObject {
  return objectFrom(
    Object.entries(members).filter((member): member is [string, Json] => member[1] !== undefined),
  )
}

export function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

export function clean(text: string | undefined): string | undefined {
  const cleaned = stripControls(text ?? '')
    .trim()
    .slice(0, LONGEST_TEXT)
  return cleaned === '' ? undefined : cleaned
}

/** eth2 before eth10. */
export function byNature(a: string, b: string): number {
  const parts = (text: string) => text.match(/\d+|\D+/g) ?? []
  const [left, right] = [parts(a), parts(b)]
  for (const [i, part] of left.entries()) {
    const other = right[i]
    if (other === undefined) return 1
    const bothNumbers = /^\d/.test(part) && /^\d/.test(other)
    if (bothNumbers && Number(part) !== Number(other)) return Number(part) - Number(other)
    if (!bothNumbers && part !== other) return part < other ? -1 : 1
  }
  return left.length - right.length
}

function stripControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- taking them out is the purpose
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
}
