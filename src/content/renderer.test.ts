// Templates: values come out as they went in, errors say where, and nothing breaks the engine for the next one.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkTemplate, isFilter, makeRenderer } from './renderer.ts'

const render = makeRenderer()

function text(template: string, inputs: Record<string, unknown> = {}): string {
  const rendered = render(template, 'p/templates/x.html.j2', { inputs, node: { name: 'n1' } })
  return rendered.ok ? rendered.text : `! ${rendered.message}`
}

test('a template whose steps are long ones is ended in time, and the next one is rendered', () => {
  const hasty = makeRenderer(100)
  const slow =
    '{% set x = "x" * 9000000 %}{% for i in range(100000) %}{% if x ~ i == x %}{% endif %}{% endfor %}'
  expect(hasty(slow, 'p', {})).toMatchObject({
    ok: false,
    message: expect.stringContaining('not done after 0.1 s'),
  })
  expect(hasty('{{ inputs.x }}', 'p', { inputs: { x: 1 } })).toEqual({ ok: true, text: '1' })
})

describe('values', () => {
  const hostile = 'q"\'\0\u001b😀\u202e\n$(id) `id` {{ 7 * 7 }} <b>&amp;\\'
  test('a text comes out as it is, whatever it holds and however the file is named', () => {
    expect(text('{{ inputs.x }}', { x: hostile })).toBe(hostile)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (x) => text('{{ inputs.x }}', { x }) === x.toWellFormed()),
    )
  })

  test.each([
    ['{{ inputs.x }}', 8080, '8080'],
    ['{{ inputs.x }}', 1.5, '1.5'],
    ['{{ inputs.x }}', 9_007_199_254_740_991, '9007199254740991'],
    ['{{ inputs.x }}', true, 'true'],
    ['{{ inputs.x | tojson }}', { b: [1, 'x'], a: null }, '{"a":null,"b":[1,"x"]}'],
    ['{{ inputs.x | to_yaml }}', { b: [1, 'yes'], a: 'on' }, "a: 'on'\nb:\n  - 1\n  - 'yes'\n"],
    ['{{ inputs.x | b64encode }}', 'é\0', 'w6kA'],
    ['{{ inputs.x | b64decode }}', 'w6k=', 'é'],
    ['{{ inputs.x | quote }}', "it's $(id)", `'it'\\''s $(id)'`],
    ['{{ inputs.x | indent(2) }}', 'a\nb', 'a\n  b'],
    ['{% for k, v in inputs.x.items() %}{{ k }}={{ v }};{% endfor %}', { b: 1, a: 2 }, 'a=2;b=1;'],
    [
      '{{ inputs.x["__proto__"] }} {{ inputs.x.constructor }}',
      JSON.parse('{"__proto__":1,"constructor":2}'),
      '1 2',
    ],
    ['{{ inputs.y | default("none") }}', 1, 'none'],
    ['a\r\n{{ inputs.x }}\n\n', 1, 'a\r\n1\n\n'],
  ])('%s of %j', (template, x, out) => {
    expect(text(template, { x })).toBe(out)
  })
})

test('an error says file, line, column and what, and shows no other value', () => {
  expect(text('a\n  {{ inputs.nope }}\n', { password: 'hunter2' })).toBe(
    `! p/templates/x.html.j2:2:6: template: inputs.nope is undefined
  1 | a
> 2 |   {{ inputs.nope }}
    |      ^^^^^^^^^^^`,
  )
  expect(text('{{ x')).toContain('x.html.j2:1:')
})

test('no way to code of the server', () => {
  for (const template of [
    "{{ ''.constructor.constructor('return process')() }}",
    '{{ inputs.__proto__.constructor }}',
    '{{ inputs.toString }}',
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
  ]) {
    expect(text(template)).toMatch(/^! /)
  }
})

describe('after what breaks the engine or a filter, the next template renders', () => {
  test.each([
    [
      'a loop that never ends',
      '{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}',
      'fuel',
    ],
    ['a macro that calls itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', 'recursion limit'],
    ['too much memory', "{{ 'x' * 600000000 }}", 'more memory than it may have'],
    [
      'a text that doubles',
      "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
      'more memory than it may have',
    ],
    [
      'a filter that refuses',
      '\n{{ [1] | b64encode }}',
      'x.html.j2:2:8: template: the filter b64encode wants a text',
    ],
    ['bytes that are no text', "{{ '/w==' | b64decode }}", 'bytes that are no text'],
    ['a NUL in a word of a shell', '{{ "\\u0000" | quote }}', 'NUL'],
  ])('%s', (_what, template, why) => {
    expect(text(template)).toContain(why)
    expect(text('{{ inputs.x }}', { x: 1 })).toBe('1')
  })
})

test('a template is checked without being rendered', () => {
  expect(checkTemplate('{{ inputs.x }}\n{% if true %}{% endif %}', 'x.j2')).toBeUndefined()
  expect(checkTemplate('a\n{% if %}', 'x.j2')).toMatchObject({
    file: 'x.j2',
    line: 2,
    column: 7,
    code: 'template',
  })
  expect(isFilter('upper')).toBe(true)
  expect(isFilter('quote')).toBe(true)
  expect(isFilter('uper')).toBe(false)
})

test('no template makes it throw', () => {
  const words = fc.constantFrom(
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    ' inputs',
    '.x',
    '|',
    'upper',
    'for ',
    'in',
    'if ',
    'set ',
    'x',
    '=',
    '"',
    "'",
    '(',
    ')',
    '[',
    ']',
    '1',
    '~',
    '\n',
    'endif',
    'endfor',
    'macro ',
    'raw',
  )
  const template = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 12 }).map((some) => some.join('')),
  )
  fc.assert(
    fc.property(template, fc.jsonValue(), (source, x) => {
      const fault = checkTemplate(source, 'x')
      const rendered = render(source, 'x', { inputs: { x } })
      expect(typeof (rendered.ok ? rendered.text : rendered.message)).toBe('string')
      if (fault !== undefined) expect(rendered.ok).toBe(false)
    }),
    { numRuns: 2_000 },
  )
})
