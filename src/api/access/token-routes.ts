// Routes: tokens of programs, and the trail of who did what.
import { z } from '@hono/zod-openapi'
import { answer } from '../../model/refusal.ts'
import { jsonRoute, type Route } from '../route.ts'
import {
  AuditPageSchema,
  IssuedSchema,
  TokenRequestSchema,
  TokenSchema,
  TokensSchema,
} from '../schemas/access.ts'
import { Name, wholeNumber, Why } from '../schemas/json.ts'
import { makeToken } from './credentials.ts'

const listRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/tokens',
  topic: 'access',
  summary: 'Tokens of programs: what each may, until when, when it was used last',
  answer: TokensSchema,
  async handle({ serving }) {
    const tokens = await serving.operations.access.tokens()
    return tokens.ok ? answer({ items: tokens.value }) : tokens
  },
})

const issueRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/tokens',
  topic: 'access',
  summary: 'Issues a token; its secret is told once',
  body: TokenRequestSchema,
  answer: IssuedSchema,
  tellsSecret: true,
  status: 201,
  async handle({ serving, caller, body: { hash: given, ...request } }) {
    const { hash, text } = given === undefined ? makeToken(request.token) : { hash: given, text: undefined }
    const issued = await serving.operations.access.issueToken({ ...request, hash, by: caller.name })
    if (!issued.ok) return issued
    return answer({ token: issued.value, ...(text === undefined ? {} : { secret: text }) })
  },
})

const revokeRoute = jsonRoute({
  method: 'DELETE',
  path: '/api/v1/tokens/{token}',
  topic: 'access',
  summary: 'Revokes a token: it is good for nothing from now on',
  params: { token: Name },
  query: { why: Why.optional() },
  answer: TokenSchema,
  handle: ({ serving, caller, params, query }) =>
    serving.operations.access.revokeToken(params.token, caller.name, query.why),
})

const auditRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/audit',
  topic: 'access',
  summary: 'Who did what, why, how they came in and what came of it; oldest first',
  query: {
    after: wholeNumber(0, Number.MAX_SAFE_INTEGER)
      .optional()
      .openapi({ description: 'Number of an event; `next` of the page before.' }),
    since: wholeNumber(0, 8.64e15).optional().openapi({ description: 'Milliseconds since the epoch.' }),
    by: z.string().min(1).max(300).optional(),
    limit: wholeNumber(1, 1_000).default(100),
  },
  answer: AuditPageSchema,
  handle: ({ serving, query: { after, since, by, limit } }) =>
    serving.operations.access.audit({
      ...(after === undefined ? {} : { after }),
      ...(since === undefined ? {} : { since }),
      ...(by === undefined ? {} : { by }),
      limit,
    }),
})

export const TOKEN_ROUTES: readonly Route[] = [listRoute, issueRoute, revokeRoute, auditRoute]
