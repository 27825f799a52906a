// Hostile input: texts, bytes and values that break things, edits that make hostile ones of real ones, and the runs over them.
// ANNEAL_SEED tells a run again, ANNEAL_FUZZ_SECONDS makes the run over each surface longer.
import { seedOr } from '../support/seed.ts'
import fc from 'fast-check'
import type { Json, JsonObject } from '../../src/base/json.ts'

const seed = seedOr(20_261_125)
const seconds = Number(process.env['ANNEAL_FUZZ_SECONDS'] ?? 3)

/** As many cases as fit into the time; says how many there were, and how long the longest took. */
export async function fuzz<T>(
  surface: string,
  cases: fc.Arbitrary<T>,
  holds: (one: T) => void | Promise<void>,
): Promise<void> {
  let count = 0
  let longest = 0
  const property = fc.asyncProperty(cases, async (one) => {
    const before = performance.now()
    await holds(one)
    count++
    longest = Math.max(longest, performance.now() - before)
  })
  try {
    await fc.assert(property, { seed, numRuns: 10_000_000, interruptAfterTimeLimit: seconds * 1_000 })
  } finally {
    console.log(
      `fuzz: ${surface}: ${count} cases, the longest ${Math.round(longest)} ms; ANNEAL_SEED=${seed}`,
    )
  }
}

/** What has a meaning to a terminal, a shell, a template, an expression, a path, YAML, JSON, a prototype or a memory. */
export const EVIL: readonly string[] = [
  '\0',
  '\u001b[2J\u001b[H',
  '\u001b]0;owned\u0007',
  '\u001b[6n',
  '\u009b31m',
  '\u001bPq#0\u001b\\',
  '\b\b\rover',
  '\u202egnp.exe\u202c\u061c\u2066',
  '\u007f\u2028\ufeff',
  '\ud800',
  '\udfff\ud83d',
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '../../../etc/passwd',
  '/',
  '..',
  '-',
  '--',
  '--help=x',
  '~root',
  '**/*?[x]',
  '$(touch /tmp/owned)',
  '`id`',
  '${HOME} %s %n',
  '{{ 7 * 7 }}',
  '{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}',
  '{{ "x" * 999999999 }}',
  '[1,2,3].map(a, [1,2,3].map(b, a + b))',
  'inputs.__proto__.x',
  '(a+)+$',
  '9'.repeat(400),
  '1e999',
  '-0',
  '.nan',
  '0x10',
  '18446744073709551616',
  'null',
  'true',
  '!!js/function x',
  '*a',
  '&a ',
  '<<',
  'text<<END',
  '---\n',
  '\n',
  '\r\n',
  '\r'.repeat(5_000),
  '\t',
  ': ',
  '- ',
  '#',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ',',
  '=',
  '\\',
  '['.repeat(3_000),
  '{"a":'.repeat(2_000),
  '('.repeat(2_000),
  '-'.repeat(3_000),
  '1+'.repeat(1_900),
  'Sat 22:00-04:00 Europe/Berlin',
  'Sun-Sat,'.repeat(500),
  '9999999d',
  '150%',
  'x'.repeat(70_000),
]

export const evilText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...EVIL) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...EVIL), { maxLength: 4 }).map((some) => some.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
)

export const evilValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: evilText },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Json[]>(
      null,
      true,
      0,
      -1,
      0.5,
      1e308,
      -1e308,
      5e-324,
      9_007_199_254_740_991,
      2 ** 53,
      2 ** 31,
      [],
      {},
      '',
    ),
  },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json> },
  { weight: 1, arbitrary: fc.constantFrom(10, 99, 101, 1_000).map(nested) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(10, 3_000).map((count) => Array.from({ length: count }, (_, at) => at)),
  },
  { weight: 1, arbitrary: fc.dictionary(evilText, fc.constantFrom<Json[]>(1, 'x', null), { maxKeys: 3 }) },
)

function nested(levels: number): Json {
  let value: Json = 1
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** A text with pieces taken out, put in, doubled and moved. */
export function mutated(originals: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(1_000_000),
    cut: fc.oneof(fc.constant(0), fc.nat(30)),
    put: fc.oneof({ weight: 3, arbitrary: evilText }, { weight: 1, arbitrary: fc.nat(1_000_000) }),
  })
  return fc
    .record({
      original: fc.constantFrom(...originals),
      edits: fc.array(edit, { minLength: 1, maxLength: 4 }),
    })
    .map(({ original, edits }) =>
      edits.reduce((text, { at, cut, put }) => {
        const from = at % (text.length + 1)
        const there = typeof put === 'number' ? put % (text.length + 1) : 0
        const piece = typeof put === 'number' ? text.slice(there, there + 40) : put
        return text.slice(0, from) + piece + text.slice(from + cut)
      }, original),
    )
}

/** A value with one place in it taken by another: what was there may be a list, a mapping or a key. */
export function mutatedValue(original: Json): fc.Arbitrary<Json> {
  const places = placesOf(original)
  return fc
    .array(fc.tuple(fc.constantFrom(...places), evilValue, fc.option(evilText, { freq: 4 })), {
      minLength: 1,
      maxLength: 3,
    })
    .map((changes) =>
      changes.reduce<Json>(
        (value, [path, put, key]) => withChanged(value, path, put, key ?? undefined),
        structuredClone(original),
      ),
    )
}

function placesOf(value: Json, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, part]) => placesOf(part, [...path, key]))]
}

/** With a key beside the place, or in its stead another value. */
function withChanged(value: Json, path: readonly string[], put: Json, key: string | undefined): Json {
  const [first, ...rest] = path
  if (typeof value !== 'object' || value === null || first === undefined) {
    const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
    return key !== undefined && isMapping ? withOwn(value, key, put) : put
  }
  if (Array.isArray(value))
    return value.map((part, at) => (String(at) === first ? withChanged(part, rest, put, key) : part))
  return Object.hasOwn(value, first)
    ? withOwn(value, first, withChanged(value[first] as Json, rest, put, key))
    : value
}

/** `__proto__` is a key like any other. */
function withOwn(value: JsonObject, key: string, part: Json): JsonObject {
  return Object.fromEntries([...Object.entries(value).filter(([other]) => other !== key), [key, part]])
}
