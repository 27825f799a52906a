// Schemas of how a site stands: counts, holds, rollouts under way, what is left; and the board.
import { z } from '@hono/zod-openapi'
import type { BoardView, StatesMessage } from '../../model/board.ts'
import type { Then } from '../../model/moment.ts'
import { type State, STATES } from '../../model/reason.ts'
import type {
  HoldView,
  NodeRoleView,
  RolloutView,
  ShortPlacement,
  StatusView,
  StepsView,
} from '../../model/view.ts'
import { schemaOf, maybe } from './json.ts'
import { NodeRoleSchema } from './node-role.ts'
import { ScopeSchema, StepHoldSchema } from './reason.ts'
import { RevisionSchema } from './revision.ts'

const countShape = Object.fromEntries(STATES.map((state) => [state, z.number().int()])) as Record<
  State,
  z.ZodNumber
>
export const Counts = z.object(countShape).openapi('Counts', { description: 'Node-roles by their state.' })

const HoldSchema = schemaOf<HoldView>()(
  z.object({ scope: ScopeSchema, by: z.string(), why: maybe(z.string()), since: z.number() }),
)

export const ShortPlacementSchema = schemaOf<ShortPlacement>()(
  z
    .object({
      deployment: z.string(),
      role: maybe(z.string()),
      placed: z.number(),
      count: z.number(),
      awaits: maybe(z.number()),
    })
    .openapi('ShortPlacement', { description: 'Placed on fewer nodes than were asked for.' }),
)

const stepsShape = { variant: z.string(), nodes: z.number(), steps: z.array(z.number()) }
export const StepsSchema = schemaOf<StepsView>()(z.object(stepsShape).openapi('Steps'))

const RolloutSchema = schemaOf<RolloutView>()(
  z
    .object({
      rollout: z.string(),
      deployment: z.string(),
      role: z.string(),
      variants: z.array(
        z.object({
          ...stepsShape,
          reached: z.number(),
          hold: maybe(StepHoldSchema),
          waiting: maybe(z.string()),
        }),
      ),
    })
    .openapi('Rollout', { description: 'A change that is on its way in steps.' }),
)

/** Without its node-roles, which have a list of their own. */
export interface StatusAnswer extends Omit<StatusView, 'nodeRoles' | 'past'>, Then {
  /** How many there are. */
  nodeRoles: number
  /** The most urgent of those that are not quietly active, where they are asked for. */
  notable?: NodeRoleView[]
}

export const StatusSchema = schemaOf<StatusAnswer>()(
  z
    .object({
      seq: z.number().int(),
      at: maybe(z.number()),
      site: z.string(),
      revision: z.number(),
      atRest: z.boolean(),
      ready: z.boolean(),
      temperature: z.number(),
      remains: z.enum(['nothing', 'notChosen', 'word', 'problems']),
      holds: z.array(HoldSchema),
      counts: Counts,
      short: maybe(z.array(ShortPlacementSchema)),
      waiting: maybe(z.array(RevisionSchema)),
      roles: z.array(z.object({ deployment: z.string(), role: z.string(), counts: Counts })),
      rollouts: z.array(RolloutSchema),
      nodeRoles: z.number().int(),
      notable: maybe(z.array(NodeRoleSchema)),
      hidden: maybe(z.number().int()),
    })
    .openapi('Status'),
)

const letterShape = Object.fromEntries(STATES.map((state) => [state, z.string()])) as Record<
  State,
  z.ZodString
>

export const BoardSchema = schemaOf<BoardView>()(
  z
    .object({
      seq: z.number().int(),
      at: maybe(z.number()),
      site: z.string(),
      revision: z.number(),
      columns: z.array(z.object({ deployment: z.string(), role: z.string() })),
      letters: z.object(letterShape),
      rows: z.array(
        z.object({
          node: z.string(),
          group: maybe(z.string()),
          cells: z.string().openapi({ description: 'One letter per column; `.` where nothing is placed.' }),
        }),
      ),
      counts: Counts,
      groups: maybe(z.array(z.object({ group: z.string(), rows: z.number().int(), counts: Counts }))),
    })
    .openapi('Board'),
)

export const StatesSchema = schemaOf<StatesMessage>()(
  z
    .object({
      seq: z.number().int(),
      changed: z.array(NodeRoleSchema),
      gone: z.array(z.string()),
      whole: maybe(z.literal(true)),
    })
    .openapi('States', { description: '`data` of the messages `states` of the stream of events.' }),
)
