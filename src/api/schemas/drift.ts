// Schemas of drift, dry runs, execs and rinses: what was found on nodes, and what a person does there.
import { z } from '@hono/zod-openapi'
import type { DriftView, Unchecked } from '../../model/drift.ts'
import type { DryRunReport, Unlooked } from '../../model/dry-run.ts'
import type { ExecView } from '../../model/exec.ts'
import type { RinsePreview, RinseStep } from '../../model/rinse.ts'
import { DiffSchema } from './diff.ts'
import { DifferenceSchema, ExecOutcomeSchema, FindingSchema } from './event.ts'
import { schemaOf, maybe } from './json.ts'
import { NodeFaultSchema, NoRunnerSchema, ReasonSchema, StateSchema, UnboundSchema } from './reason.ts'

const text = z.string()
const texts = z.array(text)

const UncheckedSchema = schemaOf<Unchecked>()(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('nothingToCheck') }),
    z.object({ kind: z.literal('off') }),
    z.object({ kind: z.literal('notActive'), state: StateSchema, reason: ReasonSchema }),
    z.object({ kind: z.literal('lost'), message: text }),
  ]),
)

const policy = z.enum(['repair', 'report', 'off'])

export const DriftSchema = schemaOf<DriftView>()(
  z
    .discriminatedUnion('found', [
      z.object({ policy, nodeRole: text, found: z.literal('asAsked') }),
      z.object({
        policy,
        nodeRole: text,
        found: z.literal('drifted'),
        differences: z.array(DifferenceSchema),
      }),
      z.object({
        policy,
        nodeRole: text,
        found: z.literal('unknown'),
        message: text,
        fault: maybe(NodeFaultSchema),
      }),
      z.object({ policy, nodeRole: text, found: z.literal('unchecked'), unchecked: UncheckedSchema }),
    ])
    .openapi('Drift'),
)

const UnlookedSchema = schemaOf<Unlooked>()(
  z.discriminatedUnion('why', [
    z.object({ nodeRole: text, why: z.literal('leaves') }),
    z.object({ nodeRole: text, why: z.literal('nothingToCheck') }),
    z.object({ nodeRole: text, why: z.literal('notAvailable') }),
    z.object({ nodeRole: text, why: z.literal('noRunner'), reason: NoRunnerSchema }),
    z.object({ nodeRole: text, why: z.literal('inputUnbound'), input: text, unbound: UnboundSchema }),
    z.object({ nodeRole: text, why: z.literal('fault'), fault: NodeFaultSchema }),
  ]),
)

export const DryRunSchema = schemaOf<DryRunReport>()(
  z
    .object({ diff: DiffSchema, findings: z.array(FindingSchema), unlooked: z.array(UnlookedSchema) })
    .openapi('DryRun'),
)

const RinseStepSchema = schemaOf<RinseStep>()(
  z
    .object({ deployment: text, role: text, nodeRoles: texts, nothingToRemove: z.boolean() })
    .openapi('RinseStep'),
)

export const RinsePreviewSchema = schemaOf<RinsePreview>()(
  z
    .object({
      removes: z.array(RinseStepSchema),
      applies: z.array(RinseStepSchema),
      leftOut: z.array(z.object({ nodeRole: text, why: z.literal('once') })),
      held: z.array(z.object({ nodeRole: text, node: text })),
      stays: texts,
    })
    .openapi('RinsePreview'),
)

/** As it goes over the wire: what is not known is not there. */
export interface ExecAnswer extends Omit<ExecView, 'nodes'> {
  nodes: { node: string; outcome?: NonNullable<ExecView['nodes'][number]['outcome']> }[]
}

export const ExecSchema = schemaOf<ExecAnswer>()(
  z
    .object({
      exec: text,
      by: text,
      why: maybe(text),
      argv: texts,
      become: z.boolean(),
      selection: text,
      startedAt: z.number(),
      nodes: z.array(z.object({ node: text, outcome: maybe(ExecOutcomeSchema) })),
    })
    .openapi('Exec'),
)
