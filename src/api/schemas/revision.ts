// Schemas of the timeline: revisions, what they say otherwise, and what committing one would do.
import { z } from '@hono/zod-openapi'
import type { RevisionCause } from '../../model/revision-cause.ts'
import type { RevisionView } from '../../model/view.ts'
import { schemaOf, maybe } from './json.ts'

const causeShape = {
  nodes: z.array(z.string()),
  moves: z.array(
    z.object({
      deployment: z.string(),
      role: z.string(),
      joined: z.array(z.string()),
      left: z.array(z.string()),
    }),
  ),
}

export const RevisionCauseSchema = schemaOf<RevisionCause>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('nodesAdded'), ...causeShape }),
      z.object({ kind: z.literal('nodeLost'), ...causeShape }),
      z.object({ kind: z.literal('nodeUnavailable'), ...causeShape }),
      z.object({ kind: z.literal('factsChanged'), ...causeShape }),
      z.object({ kind: z.literal('filesChanged'), ...causeShape }),
    ])
    .openapi('RevisionCause', { description: 'Why Anneal itself put a revision on the timeline.' }),
)

export const RevisionSchema = schemaOf<RevisionView>()(
  z
    .object({
      revision: z.number().int(),
      onto: z.number().int(),
      status: z.enum(['proposed', 'overtaken', 'committed', 'superseded', 'discarded']),
      author: z.string(),
      proposer: maybe(z.string()),
      message: z.string(),
      at: z.number(),
      nodes: z.number(),
      roles: z.number(),
      cause: maybe(RevisionCauseSchema),
    })
    .openapi('Revision'),
)
