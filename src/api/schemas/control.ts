// Schemas of what a person asks of work under way, and what came of it.
import { z } from '@hono/zod-openapi'
import type { Control } from '../../model/control.ts'
import { schemaOf, TargetText, Why, maybe } from './json.ts'

export const Targets = z.array(TargetText).max(10_000)
const why = maybe(Why)
const revision = z.number().int().min(1)

export const ControlSchema = schemaOf<Control>()(
  z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('stop'), why }),
      z.strictObject({ kind: z.literal('hold'), targets: Targets, why }),
      z.strictObject({ kind: z.literal('release'), targets: Targets, why }),
      z.strictObject({ kind: z.literal('retry'), targets: Targets, why }),
      z.strictObject({ kind: z.literal('run'), targets: Targets, only: z.boolean(), why }),
      z.strictObject({
        kind: z.literal('approve'),
        targets: Targets,
        variant: maybe(z.string().max(10_000)),
        why,
      }),
      z.strictObject({ kind: z.literal('cancel'), targets: Targets, why }),
      z.strictObject({ kind: z.literal('commit'), revision, onto: z.number().int().min(0), why }),
      z.strictObject({ kind: z.literal('discard'), revision, why }),
    ])
    .openapi('Control'),
)

export interface ControlledAnswer {
  /** What it was about: scopes, node-roles, runs or revisions by their names. */
  names: string[]
  /** Marked `once` and run before: only its own name runs it again. */
  leftOut: string[]
  /** What came of it stands in events after this one. */
  seq: number
}

export const ControlledSchema = schemaOf<ControlledAnswer>()(
  z
    .object({ names: z.array(z.string()), leftOut: z.array(z.string()), seq: z.number().int() })
    .openapi('Controlled', {
      description: 'It is durable; what comes of it is to be heard in events after `seq`.',
    }),
)
