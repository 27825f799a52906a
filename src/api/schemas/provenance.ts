// Schemas of provenance: why a node-role is as it is, where its values come from, and where a value goes.
import { z } from '@hono/zod-openapi'
import type { Candidate } from '../../model/binding.ts'
import type { How, Reached, Since, Thing, TraceStep, TraceView } from '../../model/provenance.ts'
import type { InputChange, InputView, OutputView, SourceView, WhyView } from '../../model/view.ts'
import { JsonSchema, schemaOf, maybe } from './json.ts'
import { NodeRoleSchema } from './node-role.ts'
import {
  CauseSchema,
  OriginSchema,
  ReasonSchema,
  StateSchema,
  UnboundSchema,
  ValueLevelSchema,
} from './reason.ts'

const text = z.string()

const SinceSchema = schemaOf<Since>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('revision'), revision: z.number(), author: text, at: z.number() }),
      z.object({ kind: z.literal('run'), run: text, at: maybe(z.number()) }),
    ])
    .openapi('Since', { description: 'What made a value what it is.' }),
)

const CandidateSchema = schemaOf<Candidate>()(
  z
    .object({
      origin: maybe(OriginSchema),
      value: maybe(JsonSchema),
      unbound: maybe(UnboundSchema),
      wins: z.boolean(),
      since: maybe(SinceSchema),
    })
    .openapi('Candidate'),
)

const ThingSchema = schemaOf<Thing>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('fact'), node: text, path: z.array(text) }),
      z.object({ kind: z.literal('given'), level: ValueLevelSchema, where: text, role: text, input: text }),
      z.object({ kind: z.literal('input'), nodeRole: text, input: text }),
      z.object({ kind: z.literal('output'), nodeRole: text, output: text }),
      z.object({ kind: z.literal('inputs'), deployment: text, role: text, input: text, count: z.number() }),
    ])
    .openapi('Thing', { description: 'A value at one place.' }),
)

const HowSchema = schemaOf<How>()(
  z
    .union([
      z.object({ kind: z.literal('fact') }),
      z.object({ kind: z.literal('given'), wins: z.literal(true) }),
      z.object({ kind: z.literal('given'), wins: z.literal(false), beatenBy: ValueLevelSchema }),
      z.object({
        kind: z.literal('output'),
        take: z.enum(['one', 'all', 'map']),
        select: maybe(text),
      }),
      z.object({ kind: z.literal('expression'), expression: text }),
      z.object({ kind: z.literal('early'), expression: text }),
      z.object({ kind: z.literal('run') }),
    ])
    .openapi('How', { description: 'How a value came from the one above it.' }),
)

const ReachedSchema = schemaOf<Reached>()(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('ran'), run: text }),
    z.object({ kind: z.literal('runs'), run: text }),
    z.object({ kind: z.literal('would') }),
    z.object({ kind: z.literal('never') }),
  ]),
)

const TraceStepSchema: z.ZodType<TraceStep> = z
  .lazy(() =>
    z.object({
      thing: ThingSchema,
      how: maybe(HowSchema),
      value: maybe(JsonSchema),
      sensitive: z.boolean(),
      reached: maybe(ReachedSchema),
      to: z.array(TraceStepSchema),
      left: z.object({ steps: z.number(), behind: z.number() }),
    }),
  )
  .openapi('TraceStep')

export const TraceSchema = schemaOf<TraceView>()(
  z
    .object({
      roots: z.array(TraceStepSchema),
      left: z.number(),
      counts: z.object({ inputs: z.number(), outputs: z.number(), nodeRoles: z.number() }),
    })
    .openapi('Trace'),
)

const SourceSchema: z.ZodType<SourceView> = z
  .lazy(() =>
    z.object({
      what: text,
      origin: OriginSchema,
      value: maybe(JsonSchema),
      sensitive: z.boolean(),
      since: maybe(SinceSchema),
      sources: z.array(SourceSchema),
      again: maybe(z.literal(true)),
      more: maybe(z.number()),
    }),
  )
  .openapi('Source')

const InputSchema = schemaOf<InputView>()(
  z
    .object({
      input: text,
      sensitive: z.boolean(),
      value: maybe(JsonSchema),
      unbound: maybe(UnboundSchema),
      origin: maybe(OriginSchema),
      candidates: z.array(CandidateSchema),
      sources: z.array(SourceSchema),
      consumers: maybe(z.array(TraceStepSchema)),
    })
    .openapi('Input'),
)

const OutputSchema = schemaOf<OutputView>()(
  z
    .object({
      output: text,
      sensitive: z.boolean(),
      early: z.boolean(),
      known: z.boolean(),
      value: maybe(JsonSchema),
      since: maybe(SinceSchema),
      unbound: maybe(UnboundSchema),
    })
    .openapi('Output', { description: 'An output, as its node-role says it now.' }),
)

export const InputChangeSchema = schemaOf<InputChange>()(
  z
    .object({
      input: text,
      sensitive: z.boolean(),
      before: maybe(JsonSchema),
      after: maybe(JsonSchema),
    })
    .openapi('InputChange'),
)

export const WhySchema = schemaOf<WhyView>()(
  z
    .object({
      nodeRole: NodeRoleSchema,
      chain: z.array(z.object({ nodeRole: text, state: StateSchema, reason: ReasonSchema })),
      inputs: z.array(InputSchema),
      outputs: z.array(OutputSchema),
      variant: maybe(text),
      lastCause: maybe(z.object({ run: text, cause: CauseSchema, changes: z.array(InputChangeSchema) })),
    })
    .openapi('Why'),
)
