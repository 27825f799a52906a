// Values that would be code anywhere else: they arrive as they are, by every way that a value can take, or are refused; nothing
// of them is ever executed.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../src/base/json.ts'
import { HERE, type JsonLine, siteDir } from '../support/site-dir.ts'

const site = siteDir()
const PWNED = site.path('pwned')

const TEXTS = [
  `it's "quoted" \`twice\``,
  `$(touch ${PWNED}) \`touch ${PWNED}\` \${HOME} $HOME`,
  `'; touch ${PWNED}; '`,
  `"; touch ${PWNED}; "\n& touch ${PWNED} &\n| touch ${PWNED}`,
  'two\nlines\n\nand an end\n',
  '\n',
  '',
  ' leading and trailing ',
  '-n --help -- ..',
  'tab\tcarriage\rreturn\r\nbell\u0007 escape\u001b[31m\u001b]0;title\u0007 del\u007f c1\u009b31m',
  'backslash \\ \\n \\0 %s %n {{ 7 * 7 }} {% raw %} {# x #} ${ { } }',
  '🙂 👩‍👩‍👧 日本 e\u0301 \u202eright to left\u202c \ufeff \u2028',
  '__proto__',
  'constructor',
  '#!/bin/sh\nexit 1',
  'name=value\nother<<END\nEND\n{"text": 1}',
  'ANNEAL_OUTPUTS=/dev/null',
  '!!js/function x',
  'null',
  'true',
  '1e3',
  'x'.repeat(60_000),
]

const DATA: Record<string, Json> = {
  proto: JSON.parse(
    '{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}, "toString": "x"}',
  ) as Json,
  keys: { "it's": 1, 'a.b': 2, '': 3, '$(x)': 4, 'new\nline': 5, '🙂': 6 },
  'NUL in JSON': { list: ['a\0b'] },
  deep: [[[[{ a: [null, true, 0.1, -0, 1e300, 9007199254740991] }]]]],
}

const owner = userInfo().username
const nodeOf = (index: number): string => `v${index}`

/** Writes down all that it is given, and tells its text and its data again. */
const script = (before: string): string => `#!${process.execPath}
const { appendFileSync, mkdirSync, readFileSync, writeFileSync, copyFileSync } = require('node:fs')
${before}
const { ANNEAL_INPUT_OUT: out, ANNEAL_INPUT_TEXT: text, ANNEAL_INPUTS, ANNEAL_OUTPUTS } = process.env
mkdirSync(out, { recursive: true })
writeFileSync(out + '/environment', text)
copyFileSync(ANNEAL_INPUTS, out + '/inputs')
const { data } = JSON.parse(readFileSync(ANNEAL_INPUTS))
appendFileSync(ANNEAL_OUTPUTS, JSON.stringify({ text, data }) + '\\n')
console.log(text)
`

const say = {
  inputs: {
    text: { type: 'string' },
    data: {},
    labelled: { value: 'node.labels.text', type: 'string' },
    out: { value: `'${site.path('out')}/' + node.name + '/say'`, type: 'string' },
  },
  outputs: { text: { type: 'string' }, data: {}, early: { value: 'inputs.text' } },
  apply: 'say.js',
  files: {} as Record<string, object>,
}
const hear = {
  inputs: {
    text: { from: 'say.text', type: 'string' },
    data: { from: 'say.data' },
    early: { from: 'say.early', type: 'string' },
    all: { from: 'say.early', take: 'map', type: 'object' },
    out: { value: `'${site.path('out')}/' + node.name + '/hear'`, type: 'string' },
  },
  outputs: { text: { type: 'string' }, data: {} },
  apply: 'hear.js',
}

function make(values: { text: string; data: Json }[], files: Record<string, object> = {}): void {
  const nodes = values.map(({ text, data }, index) => [
    nodeOf(index),
    { ...HERE, labels: { text }, hints: { say: { text, data } } },
  ])
  site.make({ nodes: Object.fromEntries(nodes), roles: { say: { ...say, files }, hear } })
  site.write({
    'packages/p/roles/say/say.js': script(''),
    'packages/p/roles/hear/hear.js': script(''),
    'packages/p/templates/text.j2': '{{ inputs.text }}',
  })
}

const VALUES = [
  ...TEXTS.map((text) => ({ text, data: { text, list: [text], [text.slice(0, 99)]: text } as Json })),
  ...Object.entries(DATA).map(([text, data]) => ({ text, data })),
]
const NAMES = [
  'a b',
  `it's`,
  `"$(touch ${PWNED.replaceAll('/', '_')})"`,
  '`x`;y',
  '-n',
  '🙂',
  '*?[x]',
  '__proto__',
]

describe('values', () => {
  beforeAll(async () => {
    mkdirSync(site.path('files'))
    const files = NAMES.map((name) => [
      `${site.path('files')}/${name}`,
      { template: 'text.j2', owner, group: groupName() },
    ])
    make(VALUES, Object.fromEntries(files))
    const { code, said } = await site.anneal('up', '--yes')
    expect(code, said).toBe(0)
  }, 300_000)
  afterAll(() => expect(existsSync(PWNED)).toBe(false))

  test.each(
    VALUES.map((value, index) => ({ ...value, index, shown: JSON.stringify(value.text).slice(0, 60) })),
  )('$shown', ({ index, text, data }) => {
    const read = (name: string): string => site.read(`out/${nodeOf(index)}/${name}`)
    const inputs = (role: string): Record<string, Json> =>
      JSON.parse(read(`${role}/inputs`)) as Record<string, Json>
    expect(read('say/environment')).toBe(text)
    expect(read('hear/environment')).toBe(text)
    expect(inputs('say')).toMatchObject({ text, labelled: text })
    expect(inputs('hear')).toMatchObject({ text, early: text })
    // By text, as equality of objects looks past keys such as __proto__.
    expect(JSON.stringify(sorted(inputs('say')['data'] as Json))).toBe(JSON.stringify(sorted(data)))
    expect(JSON.stringify(sorted(inputs('hear')['data'] as Json))).toBe(JSON.stringify(sorted(data)))
  })

  test('each node hears of all', () => {
    const { all } = JSON.parse(site.read('out/v0/hear/inputs')) as { all: Json }
    expect(all).toEqual(Object.fromEntries(VALUES.map(({ text }, index) => [nodeOf(index), text])))
  })

  test('files bear names of any kind; what is in them is the text', () => {
    for (const name of NAMES) expect(TEXTS).toContain(readFileSync(`${site.path('files')}/${name}`, 'utf8'))
  })

  test('nothing runs again: what was kept is what was given', async () => {
    expect(await site.anneal('up', '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching('nothing to run'),
    })
  })

  test('programs get them whole, people get them harmless', async () => {
    const index = TEXTS.findIndex((text) => text.includes('\u001b'))
    const { lines } = await site.json('why', `${nodeOf(index)}/hear`)
    expect(lines.find(({ input }) => input === 'text')).toMatchObject({ value: TEXTS[index] })
    const why = await site.anneal('why', `${nodeOf(index)}/hear`)
    // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
    expect(why.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })
})

describe('is refused', () => {
  const told = (bytes: string): string =>
    `require('node:fs').appendFileSync(process.env.ANNEAL_OUTPUTS, ${bytes}); process.exit(0)`
  const cases: { what: string; does: string; says: RegExp }[] = [
    { what: 'a NUL in an input', does: '// \0', says: /NUL/ },
    { what: 'a NUL in an output', does: told(String.raw`'text=a\0b\n'`), says: /NUL/ },
    { what: 'an output that is not UTF-8', does: told('Buffer.from([0x74, 0x3d, 0xff, 10])'), says: /UTF-8/ },
    { what: 'an output called __proto__', does: told(`'{"__proto__": {"text": 1}}'`), says: /__proto__/ },
    { what: 'a line that is none of the forms', does: told(String.raw`'text\n'`), says: /line 1/ },
    { what: 'more than a MiB of outputs', does: told(`'text=' + 'x'.repeat(1 << 20)`), says: /MiB/ },
  ]
  let lines: JsonLine[]
  beforeAll(async () => {
    make(cases.map(({ does: text }) => ({ text, data: null })))
    site.write({ 'packages/p/roles/say/say.js': script('eval(process.env.ANNEAL_INPUT_TEXT)') })
    const up = await site.json('up', '--yes')
    expect(up.code).toBe(3)
    lines = up.lines
  }, 300_000)

  test.each(cases.map((each, index) => ({ ...each, index })))('$what', ({ index, says }) => {
    const { problems } = lines.at(-1) as JsonLine
    const problem = problems.find(({ id }: { id: string }) => id === `d/${nodeOf(index)}/say`)
    expect(problem.reason).toMatchObject({ kind: 'failed', message: expect.stringMatching(says) })
  })

  test('as the name of a node', async () => {
    const names = ['a b', '$(x)', '-x', '../x', 'x/y', 'Ä', 'x\ny', '']
    site.make({
      nodes: Object.fromEntries(names.map((name) => [name, HERE])),
      roles: { say: { apply: { run: 'true' } } },
    })
    const text = site.read('anneal.yaml')
    site.write({ 'anneal.yaml': text.replace('"nodes": {', '"nodes": { "__proto__": { "local": true },') })
    const { code, lines: faults } = await site.json('validate')
    expect(code).toBe(5)
    const messages = faults.slice(1).map(({ message }) => message)
    for (const name of [...names, '__proto__']) {
      expect(messages).toContainEqual(expect.stringContaining(`${JSON.stringify(name)} cannot be`))
    }
  })

  test('as the name of a file', async () => {
    const faultsOf = async (names: string[]): Promise<JsonLine[]> => {
      const files = Object.fromEntries(names.map((name) => [name, { content: 'x' }]))
      site.make({ roles: { say: { files, apply: { run: 'true' } } } })
      const { code, lines: faults } = await site.json('validate')
      expect(code).toBe(5)
      return faults.slice(1)
    }
    const names = ['relative/x', '/x\ny', '/x\0y', '/back\\slash', '/', '']
    expect(await faultsOf(names)).toHaveLength(names.length)
    expect(await faultsOf(['/x/../y', '/./x'])).toHaveLength(2)
  })
})

test('names that every object has are names like others', async () => {
  const constructor = {
    inputs: { constructor: { type: 'string', default: 'c' }, valueof: { type: 'string', default: 'v' } },
    outputs: { constructor: { type: 'string' } },
    apply: { run: 'echo "constructor=$ANNEAL_INPUT_CONSTRUCTOR" >>"$ANNEAL_OUTPUTS"' },
  }
  const reader = {
    inputs: { got: { from: 'constructor.constructor' } },
    apply: { run: 'test "$ANNEAL_INPUT_GOT" = changed' },
  }
  site.make({
    nodes: {
      constructor: {
        ...HERE,
        labels: { constructor: 'x' },
        hints: { constructor: { constructor: 'changed' } },
      },
    },
    roles: { constructor, reader },
    deployment: { nodes: "node.labels.constructor == 'x'" },
  })
  const { code, said } = await site.anneal('up', '--yes')
  expect(code, said).toBe(0)
})

afterAll(() => site.end())

function groupName(): string {
  const { gid } = userInfo()
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((each) => each.split(':')[2] === String(gid))
  return line?.split(':')[0] ?? String(gid)
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.keys(value)
    .sort()
    .map((key): Json => [key, sorted(value[key] as Json)])
}
