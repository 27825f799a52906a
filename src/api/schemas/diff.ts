// Schemas of differences: what committing something would do, and what one revision says otherwise than another.
import { z } from '@hono/zod-openapi'
import type { Json } from '../../base/json.ts'
import type { Diff, KnownAfter, RevisionDetails, RevisionView, TargetDifference } from '../../model/view.ts'
import { JsonSchema, schemaOf, maybe } from './json.ts'
import { InputChangeSchema } from './provenance.ts'
import { CauseSchema, UnboundSchema } from './reason.ts'
import { RevisionSchema } from './revision.ts'
import { ShortPlacementSchema, StepsSchema } from './status.ts'

const text = z.string()
const texts = z.array(text)
const number = z.number()

const KnownAfterSchema = schemaOf<KnownAfter>()(
  z.object({ input: text, unbound: UnboundSchema, runs: texts, more: number, contacts: texts }),
)

export const DiffSchema = schemaOf<Diff>()(
  z
    .object({
      onto: number,
      revision: number,
      changes: z.array(
        z.object({
          nodeRole: text,
          what: z.enum(['add', 'change', 'remove', 'retry', 'rinse']),
          cause: CauseSchema,
          inputs: z.array(InputChangeSchema),
          knownAfter: z.array(KnownAfterSchema),
          destructive: z.boolean(),
        }),
      ),
      rollouts: z.array(z.object({ deployment: text, role: text, variants: z.array(StepsSchema) })),
      mayFollow: z.array(z.object({ nodeRole: text, input: text, after: text })),
      nodes: number,
      estimate: maybe(
        z.object({
          lowMs: number,
          expectedMs: number,
          highMs: number,
          runs: number,
          left: number,
          guessed: texts,
        }),
      ),
      nodesAdded: texts,
      nodesRemoved: texts,
      short: maybe(z.array(ShortPlacementSchema)),
    })
    .openapi('Diff', { description: 'What committing it would do.' }),
)

const TargetDifferenceSchema = schemaOf<TargetDifference>()(
  z.object({ path: texts, before: maybe(JsonSchema), after: maybe(JsonSchema) }).openapi('TargetDifference'),
)

export interface RevisionAnswer extends RevisionDetails {
  /** With `at`: what its target has there; sensitive values taken out. */
  value?: Json
}

export const RevisionDetailsSchema = schemaOf<RevisionAnswer>()(
  z
    .object({
      revision: RevisionSchema,
      differences: z.array(TargetDifferenceSchema),
      content: z.array(
        z.object({
          role: text,
          package: text,
          digest: text,
          files: z.array(z.object({ path: text, digest: text })),
        }),
      ),
      value: maybe(JsonSchema),
    })
    .openapi('RevisionDetails'),
)

/** Null: the site says what is committed. */
export const ProposalSchema = schemaOf<{ revision: RevisionView; diff: Diff } | null>()(
  z.object({ revision: RevisionSchema, diff: DiffSchema }).nullable().openapi('Proposal'),
)
