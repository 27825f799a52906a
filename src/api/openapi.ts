// The OpenAPI document: the routes as they are, described by the very schemas that requests are read with.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { answer } from '../model/refusal.ts'
import type { Json } from '../base/json.ts'
import { PROBLEM_TYPE } from './problem.ts'
import { jsonRoute, type Route } from './route.ts'
import { RecordedSchema } from './schemas/event.ts'
import { JsonSchema, maybe } from './schemas/json.ts'
import { StatesSchema } from './schemas/status.ts'

/** Made when it is first asked for: `routes` are all by then, this one too. */
export function documentRoute(routes: readonly Route[], version: string): Route {
  let document: Json | undefined
  return jsonRoute({
    method: 'GET',
    path: '/openapi.json',
    topic: 'status',
    summary: 'This document',
    answer: JsonSchema,
    handle: () => answer((document ??= openApiDocument(routes, version))),
  })
}

function openApiDocument(routes: readonly Route[], version: string): Json {
  const app = new OpenAPIHono()
  const registry = app.openAPIRegistry
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  // What streams tell stands in no answer that the form could describe.
  registry.register('RecordedEvent', RecordedSchema)
  registry.register('States', StatesSchema)
  for (const route of routes) registry.registerPath(describedRoute(route))
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Anneal',
      version,
      description: 'Every door is this one: the command line and the page ask here, too.',
      license: { name: 'Apache-2.0' },
    },
    tags: [...new Set(routes.map(({ topic }) => topic))].map((name) => ({ name })),
    security: [{ bearer: [] }],
  })
  return JSON.parse(JSON.stringify(document)) as Json
}

const ProblemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    message: z.string(),
    next: maybe(z.string()),
  })
  .openapi('Problem', {
    description: 'A refusal (RFC 9457), with its code, its own fields, and what to do next.',
  })

const IDEMPOTENCY = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .optional()
    .openapi({ description: 'Carried out once; who asks again within a day is told what came of it.' }),
})

function describedRoute(route: Route): Parameters<OpenAPIHono['openAPIRegistry']['registerPath']>[0] {
  const { method, path, topic, summary, description } = route
  const body = bodyOf(route)
  return createRoute({
    method: method.toLowerCase() as 'get',
    path,
    operationId: operationId(method, path),
    tags: [topic],
    summary,
    ...(description === undefined ? {} : { description }),
    request: {
      ...(route.params ? { params: z.object(route.params) } : {}),
      ...(route.query ? { query: z.object(route.query) } : {}),
      ...(method === 'POST' && !('raw' in route) ? { headers: IDEMPOTENCY } : {}),
      ...(body ? { body } : {}),
    },
    responses: {
      ...answersOf(route),
      default: { description: 'A refusal', content: { [PROBLEM_TYPE]: { schema: ProblemSchema } } },
    },
  })
}

function bodyOf(
  route: Route,
): { required: true; content: Record<string, { schema: z.ZodType }> } | undefined {
  if (route.bytes) {
    const schema = z.string().openapi({ format: 'binary' })
    return { required: true, content: { 'application/octet-stream': { schema } } }
  }
  return route.body && { required: true, content: { 'application/json': { schema: route.body } } }
}

type Answers = Record<string, { description: string; content?: Record<string, { schema: z.ZodType }> }>

function answersOf(route: Route): Answers {
  if ('raw' in route) {
    const schema = z.string()
    return {
      200: {
        description: route.summary,
        content: Object.fromEntries(route.media.map((media) => [media, { schema }])),
      },
    }
  }
  return {
    [route.status ?? 200]: {
      description: route.summary,
      content: { 'application/json': { schema: route.answer } },
    },
    ...(route.etag && route.method === 'GET' ? { 304: { description: 'It is as it was' } } : {}),
  }
}

/** `GET /api/v1/runs/{run}/log` is `getRunsByRunLog`. */
function operationId(method: string, path: string): string {
  const words = path
    .replace(/^\/api\/v1/, '')
    .split(/[/.-]/)
    .filter((word) => word !== '')
    .map((word) => (word.startsWith('{') ? `by-${word.slice(1, -1)}` : word))
  return (
    method.toLowerCase() +
    words
      .flatMap((word) => word.split('-'))
      .map(capital)
      .join('')
  )
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
