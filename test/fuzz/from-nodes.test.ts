// What nodes say: outputs, facts and logs. They become values that fit, or a reason; nothing in them steers a terminal.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical } from '../../src/base/canonical.ts'
import { DEEPEST, isTooDeep, type Json } from '../../src/base/json.ts'
import { visible, visibleLines } from '../../src/base/visible.ts'
import { ExecLines } from '../../src/cli/exec-text.ts'
import { render } from '../../src/cli/text.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { lineDifference } from '../../src/drivers/line-difference.ts'
import { outputsFrom } from '../../src/drivers/outputs.ts'
import { Redactor, secretForms } from '../../src/drivers/redact.ts'
import { Tail } from '../../src/drivers/tail.ts'
import type { OutputSpec } from '../../src/model/role.ts'
import { factsFrom } from '../../src/runner/read-facts.ts'
import { evilText, evilValue, fuzz, mutated } from './hostile.ts'

const language = makeLanguage()
const spec = (of: Json): OutputSpec => ({ schema: of, sensitive: false })
const SPECS: Record<string, OutputSpec> = {
  text: spec({ type: 'string', maxLength: 100_000 }),
  port: spec({ type: 'integer', minimum: 1, maximum: 65_535 }),
  any: spec({}),
  tree: spec({ $defs: { t: { items: { $ref: '#/$defs/t' }, uniqueItems: true } }, $ref: '#/$defs/t' }),
  either: spec({
    anyOf: [
      { type: 'string', format: 'uri' },
      { type: 'array', items: { type: 'string', pattern: '^(a|aa)+$' } },
    ],
  }),
  early: { ...spec({}), value: 'node.name' },
}
const TOLD = [
  'text=hello\nport=80\nchanged=true\n',
  'text<<END\none\ntwo\nEND\n{"any": {"a": [1, {"b": null}]}, "port": 1}\n',
  `{"tree": [[[1], [2]], 3], "either": ["a", "aaa"]}\nany=${'x'.repeat(500)}\n`,
]
const wide = fc
  .tuple(fc.constantFrom('[[1]]', '{"a":1}', '"a"', '1', '[]', 'null'), fc.constantFrom(1, 100, 20_000))
  .map(([item, count]) => Array.from({ length: count }, () => item).join(','))
const statements = fc
  .array(
    fc.oneof(
      fc
        .tuple(fc.constantFrom(...Object.keys(SPECS)), evilValue)
        .map(([name, value]) => JSON.stringify({ [name]: value })),
      fc.tuple(fc.constantFrom(...Object.keys(SPECS)), evilText).map(([name, text]) => `${name}=${text}`),
      fc.tuple(fc.constantFrom('any', 'tree', 'either'), wide).map(([name, items]) => `${name}=[${items}]`),
      fc
        .tuple(evilText, fc.constantFrom(1, 3_000))
        .map(([text, times]) => `any<<E\n${times > 1 ? text.slice(0, 50) : text}\nE\n`.repeat(times)),
      evilText,
    ),
    { maxLength: 5 },
  )
  .map((lines) => lines.join('\n'))

test('outputs: those that were declared, each as its schema wants it, or a reason', async () => {
  const rules = { specs: SPECS, schema: (of: Json) => language.schema(of), complete: false }
  await fuzz('outputs', fc.oneof(statements, mutated(TOLD)), (text) => {
    const told = outputsFrom(Buffer.from(text), rules)
    if (!told.ok) {
      expect(told.message.length).toBeGreaterThan(0)
      expect(told.message.length).toBeLessThan(3_000)
      return
    }
    for (const [name, value] of Object.entries(told.outputs)) {
      expect(Object.hasOwn(SPECS, name) && name !== 'early').toBe(true)
      expect(isTooDeep(value)).toBe(false)
      expect(language.schema(SPECS[name]?.schema ?? false)(value)).toBe(undefined)
      expect(canonical(JSON.parse(JSON.stringify(value)) as Json)).toBe(canonical(value))
    }
  })
})

const FACTS = [
  '=arch x86_64\n=cpu_count 64\n=memory MemTotal:       263763348 kB\n=bus eno1 /sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0\n=driver eno1 igb\n=ip 2: eno1    inet 10.0.0.5/24 brd 10.0.0.255 scope global eno1\\ valid_lft forever\n=localtime ../usr/share/zoneinfo/Europe/Berlin\n/etc/os-release:ID=debian\n/etc/os-release:PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n/proc/net/route:eno1\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n/sys/class/net/eno1/address:3c:ec:ef:00:00:10\n/sys/class/net/eno1/speed:1000\n/sys/block/sda/size:3750748848\n=end\n',
]
const MANY = [
  '/sys/class/net/#/address:3c:ec:ef:00:00:10',
  '=bus # /sys/devices/pci0000:00/0000:00:1c.0',
  '=ip #: eth0    inet 10.0.0.5/24 scope global eth0 x',
  '/sys/block/sd#/size:1',
  '/proc/net/route:#\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0',
  '=ip 1: e#    inet6 fe80::1/64 scope global x',
]
const facts = fc.oneof(
  mutated(FACTS),
  fc
    .tuple(fc.subarray(MANY, { minLength: 1 }), fc.constantFrom(1, 50, 1_500))
    .map(
      ([lines, count]) =>
        Array.from({ length: count }, (_, at) =>
          lines.map((line) => `${line.replaceAll('#', String(at))}\n`).join(''),
        ).join('') + '=end\n',
    ),
)

test('facts: a fixed shape without control characters, or a reason', async () => {
  await fuzz('facts', facts, (text) => {
    const read = factsFrom(Buffer.from(text))
    if (!read.ok) return expect(read.message).not.toBe('')
    const told = canonical(read.facts)
    expect(told.length).toBeLessThan(8 * 1024 * 1024)
    // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
    expect(JSON.stringify(read.facts)).not.toMatch(/\\u00[01]|[\u007f-\u009f]/)
    for (const key of Object.keys(read.facts)) expect(key).toMatch(/^[a-z_]+$/)
  })
})

// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

test('logs: lines as they are shown hold no control, however they are cut, and the tail is short', async () => {
  const pieces = fc.array(
    fc.oneof(
      evilText,
      evilText.map((text) => `${text}\n`),
      fc.constant('secret-word-1'),
    ),
    { maxLength: 8 },
  )
  await fuzz('logs and exec output', fc.tuple(pieces, fc.nat(70_000)), ([texts, cut]) => {
    const bytes = Buffer.from(texts.join(''))
    const at = bytes.length === 0 ? 0 : cut % bytes.length
    const tail = new Tail()
    const shown: string[] = []
    const lines = new ExecLines((_node, _stream, line) => shown.push(render([line], true)))
    const redactor = new Redactor(secretForms(['secret-word-1']))
    const clean: Uint8Array[] = []
    for (const piece of [bytes.subarray(0, at), bytes.subarray(at)]) {
      tail.add('stdout', piece)
      lines.take('n1', 'stdout', piece)
      clean.push(redactor.push(piece))
    }
    lines.end('n1')
    clean.push(redactor.end())
    for (const line of [...shown, ...tail.text().split('\n'), tail.lastLine() ?? ''])
      expect(line).not.toMatch(CONTROL)
    expect(tail.text().length).toBeLessThan(20_000)
    expect(Buffer.concat(clean).toString()).not.toContain('secret-word-1')
    expect(visibleLines(texts.join('')).join('')).not.toMatch(CONTROL)
    expect(visible(texts.join(''))).not.toMatch(CONTROL)
  })
})

test('files that drifted: what differs is shown in few lines that hold no control and no secret', async () => {
  const text = fc
    .array(fc.oneof(evilText, fc.constantFrom('a', 'b', 'password = secret-word-1')), { maxLength: 12 })
    .map((lines) => lines.join('\n'))
  const many = fc
    .tuple(evilText, fc.constantFrom(10, 3_000))
    .map(([line, count]) => Array.from({ length: count }, (_, at) => `${line.slice(0, 40)}${at}`).join('\n'))
  const hide = (line: string): string => line.replaceAll('secret-word-1', '••••••')
  await fuzz('drifted files', fc.tuple(fc.oneof(text, many), fc.oneof(text, many)), ([wanted, found]) => {
    const shown = lineDifference(
      { name: 'wanted', text: wanted },
      { name: 'found', text: found },
      { hide, secretsOf: 'wanted' },
    )
    const lines = shown.split('\n')
    expect(lines.length).toBeLessThan(500)
    for (const line of lines) expect(line).not.toMatch(CONTROL)
    expect(shown).not.toContain('secret-word-1')
    expect(shown.length).toBeLessThan(500 * 600)
  })
})

test('depth is counted from outside, and to the last level', () => {
  const deep = (levels: number): Json => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as Json
  expect([isTooDeep(deep(DEEPEST)), isTooDeep(deep(DEEPEST + 1)), isTooDeep('x')]).toEqual([
    false,
    true,
    false,
  ])
})
