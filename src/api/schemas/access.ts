// Schemas of access: grants, how somebody came in, tokens, sessions, the trail.
import { z } from '@hono/zod-openapi'
import {
  ACCESS_ROLE_NAMES,
  type AuditPage,
  type Grant,
  RIGHTS,
  type TokenView,
  type Via,
} from '../../model/access.ts'
import { Name, schemaOf, Why, maybe } from './json.ts'

const text = z.string()

export const GrantSchema = schemaOf<Grant>()(
  z
    .object({ role: z.enum(ACCESS_ROLE_NAMES), deployments: maybe(z.array(text)) })
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
        subject: maybe(text),
      }),
      z.object({ kind: z.literal('runner'), runner: text }),
      z.object({ kind: z.literal('identity'), issuer: text, subject: text }),
    ])
    .openapi('Via', { description: 'How somebody came in.' }),
)

export const auditNoteShape = {
  what: text,
  target: maybe(text),
  why: maybe(text),
  by: maybe(text),
  via: maybe(ViaSchema),
  address: text,
  outcome: text,
  times: maybe(z.number()),
  since: maybe(z.number()),
}

export const TokenSchema = schemaOf<TokenView>()(
  z
    .object({
      token: text,
      grants: z.array(GrantSchema),
      state: z.enum(['valid', 'expired', 'revoked']),
      issuedBy: text,
      issuedAt: z.number(),
      why: maybe(text),
      expiresAt: maybe(z.number()),
      usedAt: maybe(z.number()).openapi({ description: 'To the hour.' }),
      revoked: maybe(z.object({ by: text, at: z.number(), why: maybe(text) })),
    })
    .openapi('Token'),
)

export const TokensSchema = z.object({ items: z.array(TokenSchema) }).openapi('Tokens')

export const TokenRequestSchema = z
  .strictObject({
    token: Name,
    grants: z.array(GrantSchema).min(1).max(100),
    expiresAt: maybe(z.number().int()).openapi({ description: 'Milliseconds since the epoch.' }),
    why: maybe(Why),
    hash: maybe(z.string().regex(/^[0-9a-f]{64}$/, 'expected SHA-256 in hex')).openapi({
      description: 'Of a secret that was made elsewhere; without it one is made here and told once.',
    }),
  })
  .openapi('TokenRequest')

export const IssuedSchema = z
  .object({
    token: TokenSchema,
    secret: maybe(text).openapi({ description: 'Told once: nobody keeps it.' }),
  })
  .openapi('IssuedToken')

export const MeSchema = z
  .object({
    name: text,
    via: ViaSchema,
    rights: z.array(z.enum(RIGHTS)).openapi({ description: 'Held somewhere.' }),
    grants: z.array(GrantSchema),
    deployments: maybe(z.array(text)).openapi({
      description: 'Where there is a right at all; absent: everywhere.',
    }),
  })
  .openapi('Me')

export const SessionsSchema = z
  .object({
    items: z.array(
      z
        .object({
          session: text,
          name: text,
          signedIn: z.enum(['link', 'oidc']),
          grants: z.array(GrantSchema),
          since: z.number(),
          usedAt: z.number(),
          endsAt: z.number(),
          address: text,
        })
        .openapi('Session'),
    ),
  })
  .openapi('Sessions')

export const LinkSchema = z.object({ url: text, endsAt: z.number() }).openapi('Link', {
  description: 'Opens one session, once, until then.',
})

export const SignInSchema = z
  .object({
    oidc: maybe(z.object({ name: text, url: text })),
    logout: text,
  })
  .openapi('SignIn', { description: 'How people sign in here.' })

export const AuditPageSchema = schemaOf<AuditPage>()(
  z
    .object({
      entries: z.array(
        z
          .object({
            seq: z.number(),
            at: z.number(),
            by: text,
            what: text,
            target: maybe(text),
            why: maybe(text),
            via: maybe(ViaSchema),
            address: maybe(text),
            outcome: maybe(text),
            times: maybe(z.number()),
          })
          .openapi('AuditEntry'),
      ),
      head: z.number().openapi({ description: 'The journal was read up to this event.' }),
      next: maybe(z.number()).openapi({ description: 'To be given as `after` for what comes next.' }),
    })
    .openapi('AuditPage'),
)
