// Schemas of access: grants, and how somebody came in, as events tell of them.
import { z } from '@hono/zod-openapi'
import { ACCESS_ROLE_NAMES, type Grant, type Via } from '../../model/access.ts'
import { schemaOf } from './json.ts'

const text = z.string()

export const GrantSchema = schemaOf<Grant>()(
  z
    .object({ role: z.enum(ACCESS_ROLE_NAMES), deployments: z.array(text).exactOptional() })
    .openapi('Grant', { description: 'An access role; only in these deployments, where some are named.' }),
)

const ViaSchema = schemaOf<Via>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('key') }),
      z.object({ kind: z.literal('token'), token: text }),
      z.object({
        kind: z.literal('session'),
        session: text,
        by: z.enum(['link', 'oidc']),
        subject: text.exactOptional(),
      }),
      z.object({ kind: z.literal('identity'), issuer: text, subject: text }),
    ])
    .openapi('Via', { description: 'How somebody came in.' }),
)

export const auditNoteShape = {
  what: text,
  target: text.exactOptional(),
  why: text.exactOptional(),
  by: text.exactOptional(),
  via: ViaSchema.exactOptional(),
  address: text,
  outcome: text,
  times: z.number().exactOptional(),
  since: z.number().exactOptional(),
}
