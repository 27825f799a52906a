// Expressions against what may be read where they stand: what real ones look like passes, each mistake has its word.
import { describe, expect, test } from 'vitest'
import type { InputSpec } from '../model/role.ts'
import { expressionFaults, roleScope, SELECTION_SCOPE } from './check-expression.ts'

const input = (schema: InputSpec['schema'], optional = false): InputSpec => ({
  schema,
  optional,
  sensitive: false,
})

const scope = roleScope(
  {
    inputs: {
      port: input({ type: 'integer' }),
      ratio: input({ type: 'number' }),
      name: input({ type: 'string' }),
      on: input({ type: 'boolean' }),
      names: input({ type: 'array', items: { type: 'string' } }),
      rows: input({ type: 'array', items: { type: 'object' } }),
      peers: input({ type: 'object' }),
      maybe: input({ type: 'string' }, true),
      any: input({}),
    },
  },
  true,
)

describe('what people write passes', () => {
  test.each([
    "'https://' + inputs.name + ':' + inputs.port",
    'inputs.names.map(n, n + ":" + string(inputs.port)).join(",")',
    'inputs.peers.map(k, inputs.peers[k]).join(",")',
    'inputs.rows.filter(row, row.up).size() > 0',
    'inputs.maybe == null ? "none" : inputs.maybe',
    'inputs.?maybe.orValue("none")',
    'has(inputs.peers.a) && inputs.on',
    'inputs.port * 1.5 > inputs.ratio / 2',
    'inputs.port == 80.0',
    'inputs.any.a[0].b + 1',
    'value[node.name].x',
    'node.labels.?rack.orValue("none") + deployment.name',
    'size(inputs) > 0',
  ])('%s', (source) => {
    expect(expressionFaults(source, scope)).toEqual([])
  })

  test.each([
    'true',
    "node.labels.tier in ['a', 'b']",
    '"gpu" in node.labels',
    'node.facts.cpus > 2 && !has(node.labels.x)',
  ])('selection: %s', (source) => {
    expect(expressionFaults(source, SELECTION_SCOPE, 'bool')).toEqual([])
  })
})

describe('mistakes', () => {
  test.each([
    ['inputs.prot', 'the role has no input prot', 'did you mean port?', 'inputs.prot'],
    ['1 + node.fact.x', 'node has no fact', 'did you mean facts?', 'node.fact.x'],
    ['deployment.nodes', 'deployment has no nodes', 'known: name', 'deployment.nodes'],
    ['nod.name', 'nod means nothing here', 'did you mean node?', 'nod'],
    ['inputs.name + inputs.on', 'no such overload: string + bool', undefined, 'inputs.name + inputs.on'],
    [
      'inputs.name.startWith("a")',
      'no function startWith',
      'did you mean startsWith?',
      'inputs.name.startWith("a")',
    ],
    ['inputs.name &&', 'the expression ends too early', undefined, ''],
    [
      'inputs.on ? 1 : "a"',
      "ternary branches must have the same type, got 'int' and 'string'",
      'dyn(value)',
      'inputs.on ? 1 : "a"',
    ],
  ])('%s', (source, message, advice, where) => {
    const [fault] = expressionFaults(source, scope)
    expect(fault?.message).toBe(message)
    expect(fault?.advice ?? '').toContain(advice ?? '')
    expect(source.slice(fault?.start, fault?.end)).toBe(where)
  })

  test('what it gives is not what is wanted', () => {
    expect(expressionFaults('inputs.port', scope, 'string')[0]?.message).toBe(
      'it gives an integer; a string is wanted here',
    )
    expect(expressionFaults('inputs.any', scope, 'string')).toEqual([])
    expect(expressionFaults('inputs.names', scope, 'list<dyn>')).toEqual([])
  })
})
