// Routes: bytes of scripts and files that a site refers to, brought before it is proposed.
import { z } from '@hono/zod-openapi'
import { answer } from '../../model/refusal.ts'
import { jsonRoute, type Route } from '../route.ts'
import { Digest } from '../schemas/json.ts'

const FILE_MOST = 64 * 1024 * 1024

const missingRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/content/missing',
  topic: 'content',
  summary: 'Which of these digests the server does not have',
  body: z.strictObject({ digests: z.array(Digest).max(100_000) }),
  mostBytes: 8 * 1024 * 1024,
  answer: z.object({ missing: z.array(z.string()) }).openapi('MissingContent'),
  async handle({ serving, uploads, body }) {
    const missing: string[] = []
    for (const digest of new Set(body.digests))
      if (!uploads.has(digest) && !(await serving.blob(digest))) missing.push(digest)
    return answer({ missing })
  },
})

const putRoute = jsonRoute({
  method: 'PUT',
  path: '/api/v1/content/{digest}',
  topic: 'content',
  summary: 'Brings bytes; they are kept for a while, and for good once a proposal refers to them',
  params: { digest: Digest },
  bytes: true,
  mostBytes: FILE_MOST,
  answer: z.object({ digest: z.string() }).openapi('Content'),
  handle({ uploads, params, body }) {
    const put = uploads.put(params.digest, body as unknown as Uint8Array)
    return put.ok ? answer({ digest: params.digest }) : put
  },
})

export const CONTENT_ROUTES: readonly Route[] = [missingRoute, putRoute]
