// Routes: the files of a node-role as rendered, without its secrets, and with them for who may read those.
import { z } from '@hono/zod-openapi'
import { jsonRoute, type Route } from '../route.ts'
import { FilesSchema } from '../schemas/files.ts'
import { maybe, Name, NodePart, Why } from '../schemas/json.ts'

const path = '/api/v1/node-roles/{deployment}/{node}/{role}/files'
const params = { deployment: Name, node: NodePart, role: Name }

/** Templates are of whoever wrote the role: so many at a time, as each may take its second. */
const AT_ONCE = 4

const filesRoute = jsonRoute({
  method: 'GET',
  path,
  topic: 'status',
  summary:
    'The files of a node-role as they would be written now, each with the difference to its last success',
  description: 'Rendered anew each time, of what the journal has. What is sensitive stands as a blot.',
  params,
  answer: FilesSchema,
  atOnce: AT_ONCE,
  handle: ({ serving, params: { deployment, node, role }, signal }) =>
    serving.operations.files(`${deployment}/${node}/${role}`, false, signal),
})

const clearRoute = jsonRoute({
  method: 'POST',
  path,
  topic: 'status',
  summary: 'The same with the secrets in them; who looked, and why, stands in the trail',
  description: 'Secrets that are kept elsewhere and only referred to are not fetched, and stay blots.',
  params,
  body: z.strictObject({ why: maybe(Why) }),
  answer: FilesSchema,
  tellsSecret: true,
  atOnce: AT_ONCE,
  handle: ({ serving, params: { deployment, node, role }, signal }) =>
    serving.operations.files(`${deployment}/${node}/${role}`, true, signal),
})

export const FILES_ROUTES: readonly Route[] = [filesRoute, clearRoute]
