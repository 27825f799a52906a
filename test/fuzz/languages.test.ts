// Expressions, patterns, globs, windows, spans of time and templates: an answer or a reason, and the answer is the right one.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOpen, nextOpening, parseWindow } from '../../src/base/calendar.ts'
import { parseDuration } from '../../src/base/duration.ts'
import { matchesGlob } from '../../src/base/glob.ts'
import { compileExpression } from '../../src/content/expression.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { makePattern, patternComplaint } from '../../src/content/pattern.ts'
import { makeRenderer } from '../../src/content/renderer.ts'
import { templateFaults } from '../../src/content/template.ts'
import { evilText, evilValue, fuzz, mutated } from './hostile.ts'

const EXPRESSIONS = [
  "node.labels.tier == 'data' && has(node.facts.os) ? 1 : 2",
  'inputs.a.map(x, x + 1).filter(y, y > 2).size()',
  'inputs.a.all(x, inputs.a.exists(y, y == x || y in inputs.a))',
  "inputs.a.map(k, k + '=' + string(inputs.a)).join(',')",
  'cel.bind(x, inputs.a, x + x)',
  'inputs.s.matches("^(a+)+$") ? inputs.s.split("") : [inputs.s]',
  'timestamp("2026-01-01T00:00:00Z") + duration("1h")',
  "{'a': inputs.a, 'b': [1, 2.5, null]}[inputs.s]",
]

test('expressions: JSON or a reason, the same each time', async () => {
  await fuzz(
    'expressions',
    fc.tuple(fc.oneof(mutated(EXPRESSIONS), evilText), evilValue, evilText),
    ([source, a, s]) => {
      const scope = { inputs: { a, s }, node: { name: 'n1', labels: {}, facts: { os: s } } }
      const result = compileExpression(source).evaluate(scope)
      expect(compileExpression(source).evaluate(scope)).toEqual(result)
      if (result.ok)
        expect(JSON.stringify(JSON.parse(JSON.stringify(result.value)))).toBe(JSON.stringify(result.value))
      else expect(result.message.length).toBeGreaterThan(0)
    },
  )
})

const part = fc.constantFrom(
  'a',
  'b',
  'ab',
  '.',
  '\\w',
  '\\b',
  '^',
  '$',
  '[^a]',
  '[a-c]',
  '(',
  ')',
  '(?:',
  '|',
  '*',
  '+',
  '?',
  '{2}',
  '{1,3}',
  '\\d',
  '\\u{1f525}',
  '\n',
)
const short = fc
  .array(fc.constantFrom('a', 'b', 'c', ' ', '1', '\n', '🔥', '_'), { maxLength: 8 })
  .map((some) => some.join(''))

test('patterns: what JavaScript finds, or a complaint', async () => {
  const pattern = fc.oneof(
    fc.array(part, { maxLength: 8 }).map((some) => some.join('')),
    evilText,
  )
  await fuzz('patterns', fc.tuple(pattern, fc.oneof(short, evilText)), ([source, text]) => {
    const complaint = patternComplaint(source)
    if (complaint !== undefined) return expect(complaint.length).toBeGreaterThan(0)
    const found = makePattern(source).test(text)
    if (text.length <= 12) expect(found).toBe(new RegExp(source, 'u').test(text))
  })
})

test('globs: what the expression says that they stand for', async () => {
  const tokens: Record<string, string> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' }
  const glob = fc
    .array(fc.constantFrom('*', '**', '**/', '?', '/', 'a', 'b', '.', '('), { maxLength: 6 })
    .map((some) => some.join(''))
  const path = fc
    .array(fc.constantFrom('/', 'a', 'b', '.', '('), { maxLength: 8 })
    .map((some) => some.join(''))
  await fuzz('globs', fc.tuple(glob, path), ([one, of]) => {
    const source = one.replace(/\*\*\/?|[*?]|[\\^$.+()|[\]{}]/g, (token) => tokens[token] ?? `\\${token}`)
    expect(matchesGlob(one, of)).toBe(new RegExp(`^${source}$`, 's').test(of))
  })
})

test('windows and spans of time: understood as a moment that a clock has, or not at all', async () => {
  const window = mutated(['Sat 22:00-04:00 Europe/Berlin', 'Mon-Fri,Sun 00:00-24:00', '9:00-9:00'])
  const span = mutated(['1h30m', '500ms', '1.5d'])
  const at = fc.integer({ min: 0, max: 4e12 })
  await fuzz('windows and spans', fc.tuple(window, span, at), ([text, long, now]) => {
    const parsed = parseWindow(text)
    if (parsed) {
      expect(typeof isOpen(parsed, now)).toBe('boolean')
      expect(new Date(nextOpening([parsed], now)).getTime() - now).toBeLessThan(9 * 86_400_000)
    }
    const ms = parseDuration(long)
    if (ms !== undefined) expect(new Date(now + ms).toISOString()).not.toBe('')
  })
})

const TEMPLATES = [
  '{% for k, v in inputs.x.items() %}{{ k }}={{ v | quote }}\n{% endfor %}',
  '{% if inputs.x is defined and inputs.x | length > 2 %}{{ inputs.x | to_yaml }}{% endif %}{# no #}',
  "{% set n = namespace(x='a') %}{% for i in range(20) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
  '{% raw %}{{ {% endraw %}{{ inputs.x | b64encode | b64decode }}',
  '{% macro f(a) %}{{ a }}{% endmacro %}{{ f(inputs.x) }}',
]

test('templates: a text or a reason with its place; the next one is rendered all the same', async () => {
  const render = makeRenderer(1_000)
  await fuzz('templates', fc.tuple(fc.oneof(mutated(TEMPLATES), evilText), evilValue), ([template, x]) => {
    const looked = templateFaults(Buffer.from(template), 'p/x.j2', ['x'])
    if (!looked.ok) expect(looked.complaint.message).not.toBe('')
    const rendered = render(template, 'p/x.j2', { inputs: { x }, node: { name: 'n1' } })
    if (!rendered.ok) expect(rendered.message).toMatch(/^p\/x\.j2:\d+:\d+: |^p\/x\.j2: /)
    expect(render('{{ inputs.x }}', 'p', { inputs: { x: 'as ever' } })).toEqual({ ok: true, text: 'as ever' })
  })
})

test('schemas that a role brings, and any value: problems or none', async () => {
  const keyword = fc.constantFrom(
    'items',
    'allOf',
    'anyOf',
    'not',
    'if',
    'then',
    'properties',
    'additionalProperties',
    'uniqueItems',
    '$ref',
    'pattern',
    'format',
    'type',
    'enum',
    'minLength',
    'contains',
    'patternProperties',
    'unevaluatedProperties',
  )
  const { schema: schemas } = fc.letrec<{ schema: unknown }>((again) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown[]>(
        { $ref: '#' },
        true,
        {},
        { type: 'string' },
        { $ref: '#/$defs/a' },
        { uniqueItems: true },
        { pattern: '(a|a)*b' },
      ),
      fc.dictionary(
        keyword,
        fc.oneof(
          again('schema'),
          fc.array(again('schema'), { minLength: 1, maxLength: 3 }),
          evilText,
          fc.constantFrom(true, 1, 'uri', '#'),
        ),
        { maxKeys: 3 },
      ),
    ),
  }))
  const language = makeLanguage()
  await fuzz('schemas', fc.tuple(schemas, evilValue), ([one, value]) => {
    const problem = language.schema(one as never)(value)
    if (problem !== undefined) expect(problem.length).toBeGreaterThan(0)
  })
})
