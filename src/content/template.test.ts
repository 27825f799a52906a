// What is looked for in a template before it is rendered, and where it is not looked for.
import { expect, test } from 'vitest'
import { templateFaults } from './template.ts'

function faults(text: string): string[] {
  const found = templateFaults(Buffer.from(text), 'x.j2', ['port'])
  return found.ok
    ? found.faults.map(({ message, range }) => `${range.start}: ${message}`)
    : [found.complaint.message]
}

test.each([
  ['{{ inputs.port }}', []],
  ['a {{ inputs.prt }}', ['12: the role has no input prt']],
  ['{% if inputs.prt %}{% endif %}', ['13: the role has no input prt']],
  ['{{ "inputs.prt" }} inputs.prt {# inputs.prt #}', []],
  ['{% raw %}{{ inputs.prt }}{% endraw %}{{ inputs.prt }}', ['47: the role has no input prt']],
  ['{%- raw -%}{{ inputs.prt }}{%- endraw -%}', []],
  ['{{ 1 | nope }}', ['7: no filter nope']],
])('%s', (text, told) => {
  expect(faults(text)).toEqual(told)
})

test('openings without end inside of what is taken as it is', () => {
  for (const raw of ['{% raw %}', '{%+ raw %}', '{%- raw -%}'])
    expect(faults(`${raw}${'{{ '.repeat(300_000)}{% endraw %}`)).toEqual([])
  expect(faults(`{# ${'{{ '.repeat(300_000)} #}`)).toEqual([])
})
