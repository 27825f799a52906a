// Routes: which server this is, whether it is alive, whether it takes work.
import { z } from '@hono/zod-openapi'
import type { Serving } from '../../engine/serving.ts'
import { answer, refuse } from '../../model/refusal.ts'
import type { Standby } from '../../model/server-place.ts'
import { jsonRoute, type Route } from '../route.ts'

const versionRoute = jsonRoute({
  method: 'GET',
  path: '/version',
  topic: 'status',
  summary: 'Which Anneal this is, and which start of it',
  answer: z.object({
    version: z.string(),
    site: z.string(),
    instance: z.string(),
    standby: z
      .object({
        active: z.string().optional(),
        silent: z
          .object({
            holder: z.object({ pid: z.number(), host: z.string(), what: z.string() }).optional(),
            heldMs: z.number(),
            forMs: z.number(),
            patienceMs: z.number(),
            refused: z.string().optional(),
          })
          .optional()
          .openapi({
            description:
              'The process that has the journal, for `heldMs`, gave no sign of life for `forMs`; after `patienceMs` this server takes over, or `refused` says why it may not.',
          }),
      })
      .optional()
      .openapi({ description: 'It follows another server of the site, which anneals: where that is.' }),
  }),
  handle: async ({ serving, version, instance }) =>
    answer({
      version,
      instance,
      site: await serving.ask(({ target }) => target?.site ?? ''),
      ...standbyOf(serving),
    }),
})

const aliveRoute = jsonRoute({
  method: 'GET',
  path: '/healthz',
  topic: 'status',
  summary: 'Whether it is alive',
  answer: z.object({ ok: z.literal(true) }),
  handle: () => answer({ ok: true as const }),
})

const readyRoute = jsonRoute({
  method: 'GET',
  path: '/readyz',
  topic: 'status',
  summary: 'Whether it takes work: not once it drains, or when its journal has failed',
  answer: z.object({ ok: z.literal(true), role: z.enum(['active', 'standby']) }),
  handle: ({ serving }) => {
    const fault = serving.fault()
    if (fault) return refuse(fault)
    if (serving.isDraining()) return refuse({ code: 'draining', message: 'draining: nothing new is begun' })
    const role = serving.standby?.() ? ('standby' as const) : ('active' as const)
    return answer({ ok: true as const, role })
  },
})

function standbyOf(serving: Serving): { standby?: Standby } {
  const standby = serving.standby?.()
  if (!standby) return {}
  const { active, silent } = standby
  return { standby: { ...(active && { active: active.url }), ...(silent && { silent }) } }
}

export const SERVER_ROUTES: readonly Route[] = [versionRoute, aliveRoute, readyRoute]
