// Random sites for laws about the heart: small, since what goes wrong goes wrong with three nodes, but with everything
// in them that makes node-roles wait for each other.
import fc from 'fast-check'
import type { JsonObject } from '../../src/base/json.ts'

const NODES = ['n1', 'n2', 'n3', 'n4']
const ROLES = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5']
const DEPLOYMENTS = ['d0', 'd1', 'd2']

/** A site in the short form of ../support/short-site.ts; some are refused, as they should be. */
export const anySite: fc.Arbitrary<JsonObject> = fc.record({
  nodes: fc
    .subarray(NODES, { minLength: 1 })
    .map((names) => Object.fromEntries(names.map((name, index) => [name, { tier: index % 2 }]))),
  roles: fc
    .tuple(...ROLES.map((_, index) => anyRole(index)))
    .map((roles) => Object.fromEntries(roles.map((role, index) => [ROLES[index] as string, role]))),
  deployments: fc
    .tuple(...DEPLOYMENTS.map((_, index) => anyDeployment(index)))
    .chain((all) =>
      fc
        .integer({ min: 1, max: all.length })
        .map((count) =>
          Object.fromEntries(all.slice(0, count).map((one, index) => [DEPLOYMENTS[index] as string, one])),
        ),
    ),
}) as fc.Arbitrary<JsonObject>

/** What an operator changes between two commits; laid over a site by `changed`. */
export const anyChange: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constant({}),
  anyOf(NODES).map((node) => ({ nodes: { [node]: null } })),
  fc
    .tuple(anyOf(NODES), fc.integer({ min: 0, max: 1 }))
    .map(([node, tier]) => ({ nodes: { [node]: { tier } } })),
  anyOf(NODES).map((node) => ({ nodes: { [node]: { host: 'elsewhere' } } })),
  fc.tuple(anyIndex(ROLES), fc.nat(2)).map(([role, value]) => ({
    roles: { [ROLES[role] as string]: { inputs: { plain: value } } },
  })),
  anyIndex(ROLES).chain((role) =>
    anyRole(role).map((made) => ({ roles: { [ROLES[role] as string]: made } })),
  ),
  anyIndex(DEPLOYMENTS).chain((at) =>
    anyDeployment(at).map((made) => ({ deployments: { [DEPLOYMENTS[at] as string]: made } })),
  ),
  fc.constant({ deployments: { d2: null } }),
  fc.constant({ deployments: { d1: null, d2: null } }),
  fc.constant({ deployments: { d0: { roles: ['r0', 'r1'] } } }),
  fc.tuple(anyOf(ROLES), fc.nat(2)).map(([role, value]) => ({
    deployments: { d0: { values: { [role]: { plain: value } } } },
  })),
) as fc.Arbitrary<JsonObject>

function anyRole(index: number): fc.Arbitrary<JsonObject> {
  const lower = ROLES.slice(0, index)
  return fc
    .record({
      requires: fc
        .subarray(lower, { maxLength: Math.min(2, index) })
        .chain((roles) =>
          fc.tuple(
            ...roles.map((role) => often(15).map((wide) => (wide ? { role, of: 'deployment' } : role))),
          ),
        ),
      after: fc.subarray(lower, { maxLength: Math.min(1, index) }),
      provides: often(10).map((yes) => (yes ? ['stand-in'] : [])),
      conflicts: often(1).map((yes) => (yes && index > 0 ? ['r0'] : [])),
      per: often(8).map((yes) => (yes ? 'deployment' : 'node')),
      apply: often(12).map((milestone) => !milestone),
      check: often(30),
      remove: often(60),
      once: often(10),
      drift: anyDrift(),
      parallel: often(25),
      retry: fc.integer({ min: 1, max: 3 }).map((attempts) => ({ attempts, backoff: '2s' })),
      locks: fc.array(
        fc.record({
          of: fc.constantFrom('node', 'deployment', 'site'),
          name: fc.constantFrom('apt', 'rack'),
          capacity: fc.integer({ min: 1, max: 2 }),
        }),
        { maxLength: 1 },
      ),
      inputs: anyInputs(lower),
      outputs: fc.constantFrom(
        {},
        { late: {} },
        { late: {}, early: { value: 'node.name' } },
        { late: {}, early: { value: 'inputs.plain' } },
        { late: {}, early: { value: 'inputs.read' } },
        { late: {}, early: { value: 'inputs.made' } },
        { late: {}, early: { value: 'inputs.read == 1 ? 2 : 1' } },
      ),
    })
    .map((role) => ({ ...role, inputs: Object.fromEntries(role.inputs) })) as fc.Arbitrary<JsonObject>
}

function anyInputs(lower: readonly string[]): fc.Arbitrary<[string, JsonObject | number][]> {
  const fact = fc.constantFrom('a', 'b').map((name) => ({ fact: name, default: 0 }))
  const absent = fc.constant({ fact: 'absent', optional: true })
  const hard = fc.constant({ fact: 'a' })
  const forwards = lower.length === 0 ? [] : [anyReading(lower, ['all', 'all', 1, 'known'])]
  const around = anyReading(ROLES, ['known'])
  return fc.tuple(
    fc.nat(2).map((value): [string, number] => ['plain', value]),
    fc
      .oneof(fact, absent, hard, ...forwards, ...forwards, ...forwards, around)
      .map((spec): [string, JsonObject] => ['read', spec as JsonObject]),
    fc
      .constantFrom(
        'inputs.plain',
        'inputs.read',
        'inputs.plain + 1',
        'node.name',
        'node.labels.tier',
        'node.facts.b',
      )
      .map((value): [string, JsonObject] => ['made', { value, optional: true }]),
  )
}

function anyReading(roles: readonly string[], waits: readonly (string | number)[]): fc.Arbitrary<JsonObject> {
  return fc
    .record({
      role: anyOf([...roles, 'stand-in']),
      output: fc.constantFrom('late', 'late', 'early'),
      take: fc.constantFrom('one', 'all', 'map'),
      wait: fc.constantFrom(...waits),
      select: fc.option(fc.constantFrom('value[node.name]', 'size(value)'), { freq: 8 }),
    })
    .map(({ role, output, take, wait, select }) => ({
      from: `${role}.${output}`,
      take,
      wait,
      optional: wait === 'known',
      ...(select !== null && take === 'map' ? { select } : {}),
    })) as fc.Arbitrary<JsonObject>
}

function anyDeployment(index: number): fc.Arbitrary<JsonObject> {
  return fc.record(
    {
      nodes: fc.constantFrom<JsonObject[string]>(
        'true',
        'true',
        'node.labels.tier == 0',
        'node.name != "n1"',
      ),
      roles: fc.subarray(ROLES, { minLength: index === 0 ? 4 : 1 }).chain((roles) =>
        fc.tuple(
          ...roles.map((role) =>
            fc.oneof(
              { weight: 3, arbitrary: fc.constant<JsonObject[string]>(role) },
              { weight: 1, arbitrary: fc.constant({ role, nodes: 'node.name < "n3"' }) },
              {
                weight: 1,
                arbitrary: fc.constant({ role, count: 2, prefer: ['node.labels.tier', 'node.facts.a'] }),
              },
              { weight: 2, arbitrary: anyPolicy.map((policy) => ({ role, ...policy })) },
            ),
          ),
        ),
      ),
      adopt: fc.boolean(),
      drift: anyDrift(),
      ...(index === 0 ? {} : { parent: fc.constant(DEPLOYMENTS[index - 1] as string) }),
    },
    { requiredKeys: ['nodes', 'roles', ...(index === 1 ? ['parent' as const] : [])] as never[] },
  ) as fc.Arbitrary<JsonObject>
}

function anyDrift(): fc.Arbitrary<string | JsonObject> {
  const mappings: JsonObject[] = [{ every: '10m' }, { policy: 'report', every: '2h' }]
  return fc.constantFrom('repair', 'repair', 'report', 'off', ...mappings)
}

/** How changes reach the members of a placement, and when. */
const anyPolicy = fc.record(
  {
    rollout: fc.record(
      {
        probe: fc.integer({ min: 1, max: 2 }),
        // oxlint-disable-next-line unicorn/no-thenable -- the word of the format; nothing awaits it
        then: fc.constantFrom([], ['50%'], ['1', '75%']),
        gate: fc.constantFrom('outputs.late == 1', 'node.name != "n2"'),
        tolerate: fc.constantFrom('1', '50%'),
        dependants: fc.constant(true),
        soak: fc.constant('2s'),
        approve: fc.constant(true),
        variants: fc.constant(['node.labels.tier']),
      },
      { requiredKeys: ['probe', 'then'] },
    ),
    max_failures: fc.integer({ min: 1, max: 2 }),
    // The clocks of histories begin on a Thursday at midnight.
    windows: fc.constantFrom(['00:01-12:00'], ['Wed 01:00-02:00'], ['22:00-00:02']),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>

function anyOf<T>(items: readonly T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...items)
}

function anyIndex(items: readonly unknown[]): fc.Arbitrary<number> {
  return fc.nat(items.length - 1)
}

/** True so many times of a hundred; shrinks to false. */
function often(weight: number): fc.Arbitrary<boolean> {
  return fc.oneof(
    { weight: 100 - weight, arbitrary: fc.constant(false) },
    { weight, arbitrary: fc.constant(true) },
  )
}
