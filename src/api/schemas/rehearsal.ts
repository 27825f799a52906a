// Schema of what a rehearsal reports.
import { z } from '@hono/zod-openapi'
import type { Assumption, RehearsalReport } from '../../model/rehearsal.ts'
import { CriticalPathSchema } from './cycle.ts'
import { schemaOf, maybe } from './json.ts'
import { ReasonSchema, StateSchema } from './reason.ts'

const text = z.string()
const texts = z.array(text)
const number = z.number()

const SpreadSchema = z.object({ least: number, p50: number, p95: number, most: number }).openapi('Spread')

const AssumptionSchema = schemaOf<Assumption>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('duration'), roles: texts }),
      z.object({ kind: z.literal('usualDuration'), roles: texts }),
      z.object({ kind: z.literal('otherCause'), roles: texts }),
      z.object({ kind: z.literal('contact'), ms: number }),
      z.object({
        kind: z.literal('failures'),
        rates: z.array(z.object({ role: text, share: number })),
        asked: maybe(number),
      }),
      z.object({ kind: z.literal('dead'), share: number }),
      z.object({ kind: z.literal('saidAgain'), outputs: number }),
      z.object({ kind: z.literal('madeUp'), outputs: texts }),
      z.object({ kind: z.literal('unknown'), outputs: texts }),
      z.object({ kind: z.literal('factsOf'), nodes: number, like: text, sameLabels: z.boolean() }),
      z.object({ kind: z.literal('factsMadeUp'), nodes: number }),
      z.object({ kind: z.literal('undecided'), nodes: number }),
      z.object({ kind: z.literal('multiplied'), from: number, to: number }),
      z.object({ kind: z.literal('notMultiplied'), placements: texts }),
      z.object({ kind: z.literal('sharedPast') }),
    ])
    .openapi('Assumption', { description: 'What a rehearsal takes to be so without knowing it.' }),
)

export const RehearsalSchema = schemaOf<RehearsalReport>()(
  z
    .object({
      revision: number,
      onto: number,
      afresh: z.enum(['no', 'asked', 'nothingToDo']),
      seed: number,
      times: number,
      nodes: number,
      nodeRoles: number,
      toRestMs: SpreadSchema,
      runs: SpreadSchema,
      failed: SpreadSchema,
      atOnce: SpreadSchema,
      ends: z.object({ ready: number, word: number, problems: number, endless: number }),
      left: z.array(
        z.object({
          deployment: text,
          role: text,
          state: StateSchema,
          nodeRole: text,
          reason: ReasonSchema,
          at: number,
          nodeRoles: number,
          times: number,
        }),
      ),
      groups: z.array(
        z.object({ deployment: text, role: text, members: number, atOnce: number, disrupted: number }),
      ),
      path: maybe(CriticalPathSchema),
      assumptions: z.array(AssumptionSchema),
    })
    .openapi('Rehearsal'),
)
