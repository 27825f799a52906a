// Schema of a site as a client read it from files: every part of it is somebody's word and is looked at before it is used.
import { z } from '@hono/zod-openapi'
import type { DriftSpec } from '../../model/drift.ts'
import { VALUE_NAME_PATTERN } from '../../model/names.ts'
import type { InputSource, InputSpec, OutputSpec, Role } from '../../model/role.ts'
import type { DeploymentSpec, NodeSpec, PlacementSpec, Site } from '../../model/site.ts'
import { JsonObjectSchema, JsonSchema, Name, NodeName, schemaOf, maybe } from './json.ts'

const text = z.string().max(100_000)
const short = z.string().max(1_000)
/** No option of a command line, whatever it is handed to. */
const plainWord = z.string().regex(/^[^-\s\0][^\s\0]{0,252}$/, 'expected a name or an address')
const expression = z.string().min(1).max(4_000)
const count = z.number().int().min(0).max(1_000_000)
const millis = z.number().min(0).max(1e12)
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')
const valueName = z.string().regex(new RegExp(VALUE_NAME_PATTERN))
const values = z.record(short, z.record(short, JsonSchema))

const window = z.strictObject({
  days: z.array(z.number().int().min(0).max(6)).max(7),
  from: z.number().int().min(0).max(1_439),
  to: z.number().int().min(0).max(1_439),
  zone: short,
})

const DriftSpecSchema = schemaOf<DriftSpec>()(
  z.strictObject({
    policy: maybe(z.enum(['repair', 'report', 'off'])),
    everyMs: maybe(millis),
    allow: maybe(z.array(short).max(1_000)),
  }),
)

const selection = z.union([z.strictObject({ names: z.array(NodeName) }), z.strictObject({ expression })])

const choice = z.strictObject({
  count,
  prefer: z.array(expression).max(100),
  spread: maybe(expression),
})

const NodeSpecSchema = schemaOf<NodeSpec>()(
  z.strictObject({
    transport: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('ssh'),
        host: plainWord,
        user: maybe(plainWord),
        port: maybe(z.number().int().min(1).max(65_535)),
        config: maybe(short),
        options: maybe(z.record(z.string().regex(/^[A-Za-z]{1,60}$/), short)),
      }),
      z.strictObject({ kind: z.literal('local') }),
    ]),
    labels: JsonObjectSchema,
    hints: values,
    available: z.boolean(),
    runner: maybe(z.record(z.string().regex(/^[a-z0-9-]{1,63}$/), short)),
  }),
)

const share = z.string().regex(/^\d{1,9}%?$/, 'expected a share (50%) or a number of nodes')

const rollout = z.strictObject({
  probe: count,
  // oxlint-disable-next-line unicorn/no-thenable -- the word of the format; nothing awaits it
  then: z.array(share).max(1_000),
  gate: maybe(expression),
  tolerate: maybe(share),
  dependants: maybe(z.boolean()),
  soakMs: maybe(millis),
  approve: maybe(z.boolean()),
  variants: maybe(z.array(expression).max(100)),
})

const PlacementSchema = schemaOf<PlacementSpec>()(
  z.strictObject({
    role: Name,
    nodes: maybe(selection),
    choice: maybe(choice),
    values: z.record(short, JsonSchema),
    rollout: maybe(rollout),
    maxFailures: maybe(count),
    windows: maybe(z.array(window).max(1_000)),
    drift: maybe(DriftSpecSchema),
  }),
)

const word = z.enum(['propose', 'commit'])

const policies = z.strictObject({
  newNode: maybe(word),
  lostNode: maybe(z.enum(['propose', 'commit', 'wait'])),
  changedFacts: maybe(word),
  changedFiles: maybe(word),
  lostAfterMs: maybe(millis),
  fourEyes: maybe(z.boolean()),
})

const DeploymentSchema = schemaOf<DeploymentSpec>()(
  z.strictObject({
    parent: maybe(Name),
    nodes: selection,
    inheritsNodes: maybe(z.literal(true)),
    choice: maybe(choice),
    values,
    groups: z.array(z.strictObject({ nodes: selection, values })),
    overrides: values,
    placements: z.array(PlacementSchema),
    policies: maybe(policies),
    adopt: z.boolean(),
    windows: maybe(z.array(window).max(1_000)),
    drift: maybe(DriftSpecSchema),
  }),
)

const SourceSchema = schemaOf<InputSource>()(
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('fact'), path: z.array(short).max(100) }),
    z.strictObject({
      kind: z.literal('output'),
      role: Name,
      output: valueName,
      take: z.enum(['one', 'all', 'map']),
      wait: z.union([z.enum(['all', 'known']), count]),
      select: maybe(expression),
    }),
    z.strictObject({ kind: z.literal('value'), expression }),
  ]),
)

const InputSpecSchema = schemaOf<InputSpec>()(
  z.strictObject({
    schema: JsonSchema,
    sensitive: z.boolean(),
    optional: z.boolean(),
    default: maybe(JsonSchema),
    source: maybe(SourceSchema),
  }),
)

const OutputSpecSchema = schemaOf<OutputSpec>()(
  z.strictObject({
    schema: JsonSchema,
    sensitive: z.boolean(),
    value: maybe(expression),
    measured: maybe(z.literal(true)),
  }),
)

const content = z.strictObject({ path: short, digest })

const RoleSchema = schemaOf<Role>()(
  z.strictObject({
    name: Name,
    package: short,
    summary: text,
    per: z.enum(['node', 'deployment']),
    driver: z.enum(['script', 'simulated']),
    requires: z.array(z.strictObject({ role: Name, of: z.enum(['node', 'deployment']) })).max(1_000),
    after: z.array(Name).max(1_000),
    provides: z.array(Name).max(1_000),
    conflicts: z.array(Name).max(1_000),
    once: z.boolean(),
    parallel: z.boolean(),
    become: z.boolean(),
    inputs: z.record(valueName, InputSpecSchema),
    outputs: z.record(valueName, OutputSpecSchema),
    files: z.record(
      z.string().regex(/^\/[^\0]{0,4000}$/, 'expected an absolute path'),
      z.strictObject({
        kind: z.enum(['template', 'file']),
        content,
        mode: z.string().regex(/^[0-7]{3,4}$/),
        owner: short,
        group: short,
      }),
    ),
    apply: maybe(content),
    check: maybe(content),
    remove: maybe(content),
    locks: z
      .array(
        z.strictObject({
          of: z.enum(['node', 'deployment', 'site']),
          name: Name,
          capacity: z.number().int().min(1).max(1_000_000),
        }),
      )
      .max(100),
    retry: z.strictObject({ attempts: z.number().int().min(1).max(1_000), backoffMs: millis }),
    deadlineMs: z.number().min(1).max(1e12),
    drift: maybe(DriftSpecSchema),
    digest: z.string().min(1).max(200),
  }),
)

export const SiteSchema = schemaOf<Site>()(
  z
    .strictObject({
      name: z.string().min(1).max(200),
      nodes: z.record(NodeName, NodeSpecSchema),
      deployments: z.record(Name, DeploymentSchema),
      roles: z.record(Name, RoleSchema),
      defaults: z.record(short, values),
      policies: maybe(policies),
    })
    .openapi('Site', {
      description:
        'A site as its files say it: what `loadSite` makes of them; files themselves are named by digest.',
    }),
)
