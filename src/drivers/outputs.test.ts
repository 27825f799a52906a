// Outputs are untrusted text until they fit: every form, every refusal.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../base/json.ts'
import type { OutputSpec } from '../model/role.ts'
import { MOST_OUTPUT_BYTES, outputsFrom } from './outputs.ts'

const out = (schema: Json, value?: string): OutputSpec => ({
  schema,
  sensitive: false,
  ...(value === undefined ? {} : { value }),
})
const SPECS: Record<string, OutputSpec> = {
  version: out({ type: 'string' }),
  port: out({ type: 'integer' }),
  ports: out({ type: 'array' }),
  ready: out({ type: 'boolean' }),
  either: out({ type: ['string', 'integer'] }),
  level: out({ enum: [1, 2] }),
  anything: out({}),
  endpoint: out({ type: 'string' }, 'node.name'),
}

describe('taken', () => {
  test.each<[string, string, Json]>([
    ['version=1.10', 'version', '1.10'],
    ['version=a=b', 'version', 'a=b'],
    ['version=', 'version', ''],
    ['version=x\r', 'version', 'x'],
    ['version= x ', 'version', ' x '],
    ['port=2380', 'port', 2380],
    ['ports=[2379, 2380]', 'ports', [2379, 2380]],
    ['ready=true', 'ready', true],
    ['either=3', 'either', '3'],
    ['level=2', 'level', 2],
    ['anything=1', 'anything', '1'],
    ['{"port": 1, "anything": {"__proto__": 1}}', 'port', 1],
    ['version<<END\none\n\ntwo\nEND', 'version', 'one\n\ntwo'],
    ['version<<END\nEND', 'version', ''],
    ['version<<E\na=b\n{"x":1}\nE\nport=1', 'version', 'a=b\n{"x":1}'],
    ['version=a<<b', 'version', 'a<<b'],
    ['version=1\nversion=2', 'version', '2'],
    ['\n\n  \nversion=1', 'version', '1'],
  ])('%j', (text, name, value) => {
    const told = take(text)
    expect(told).toMatchObject({ ok: true })
    if (told.ok) expect(told.outputs[name]).toEqual(value)
  })

  test('blocks without end, one after the other', () => {
    expect(take('anything<<E\nE\n'.repeat(60_000))).toEqual({ ok: true, outputs: { anything: '' } })
  })

  test('as deep as anything may be, and no deeper', () => {
    const nested = (levels: number): string => `{"anything": ${'['.repeat(levels)}${']'.repeat(levels)}}`
    expect(take(nested(100))).toMatchObject({ ok: true })
    const refused = { ok: false, message: expect.stringContaining('anything is nested more than 100 levels') }
    expect(take(nested(101))).toEqual(refused)
    expect(take(nested(500_000))).toEqual(refused)
    expect(take(`ports=${'['.repeat(500_000)}${']'.repeat(500_000)}`)).toMatchObject({ ok: false })
  })

  test('changed is no output', () => {
    expect(take('changed=true')).toEqual({ ok: true, outputs: {}, changed: true })
    expect(take('changed=false\n')).toEqual({ ok: true, outputs: {}, changed: false })
    expect(take('{"changed": true}')).toEqual({ ok: true, outputs: {}, changed: true })
    expect(take('')).toEqual({ ok: true, outputs: {} })
  })

  test('a name like __proto__ stays a name', () => {
    const told = take('{"anything": {"__proto__": {"polluted": true}}}')
    expect(told.ok && Object.hasOwn(told.outputs['anything'] as object, '__proto__')).toBe(true)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('refused', () => {
  test.each<[string, RegExp]>([
    ['verison=1', /did you mean version\?/],
    ['chnaged=true', /did you mean changed\?/],
    ['wholly-other=1', /cannot be the name/],
    ['wholly_other=1', /declares version, port/],
    ['__proto__=1', /cannot be the name/],
    ['constructor=1', /no output constructor/],
    ['endpoint=x', /known before the run/],
    ['port=many', /port is "many"; expected integer/],
    ['port=1.5', /port must be integer/],
    ['level=9', /level must be/],
    ['changed=yes', /true or false, not "yes"/],
    ['just words', /line 1 of the outputs is neither/],
    ['version=1\n{"port": }', /line 2 of the outputs begins like a JSON object/],
    ['version<<END\nand so on', /no line "END" ends/],
    ['version<<two words\n', /one word is expected/],
    ['=x', /neither/],
    ['version=a\0b', /NUL/],
  ])('%j', (text, message) => {
    expect(take(text)).toMatchObject({ ok: false, message: expect.stringMatching(message) })
  })

  test('more than 1 MiB, and what is not UTF-8', () => {
    expect(take(`version=${'x'.repeat(MOST_OUTPUT_BYTES)}`)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/1 MiB/),
    })
    expect(outputsFrom(Buffer.from([0x76, 0x3d, 0xff]), rules())).toMatchObject({
      ok: false,
      message: expect.stringMatching(/UTF-8/),
    })
  })

  test('a success that keeps declared outputs to itself', () => {
    expect(outputsFrom(Buffer.from('port=1'), { ...rules(), complete: true })).toMatchObject({
      ok: false,
      message: expect.stringMatching(/without telling version, ports, ready, either, level, anything:/),
    })
  })
})

test('any text is an answer or a refusal, never a throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(typeof take(text).ok).toBe('boolean')
    }),
  )
})

test('any value that is told as JSON arrives as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(take(JSON.stringify({ anything: value }))).toEqual({
        ok: true,
        outputs: { anything: JSON.parse(JSON.stringify(value)) },
      })
    }),
  )
})

function take(text: string) {
  return outputsFrom(Buffer.from(text), rules())
}

/** As much of JSON Schema as these tests need. */
function rules() {
  const isOf: Record<string, (value: Json) => boolean> = {
    string: (value) => typeof value === 'string',
    integer: Number.isInteger,
    array: Array.isArray,
    boolean: (value) => typeof value === 'boolean',
  }
  const schema = (of: Json) => (value: Json) => {
    const { type, enum: values } = of as { type?: string | string[]; enum?: Json[] }
    const types = [type ?? []].flat()
    if (types.length > 0 && !types.some((name) => isOf[name]?.(value))) return `must be ${types.join(' or ')}`
    return values?.includes(value) === false ? 'must be one of the allowed values' : undefined
  }
  return { specs: SPECS, schema, complete: false }
}
