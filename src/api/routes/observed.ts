// Routes: what the server measures of itself, and hooks that come in, signed by who calls them.
import { z } from '@hono/zod-openapi'
import type { IncomingMessage } from 'node:http'
import type { Scrape } from '../../model/door-watch.ts'
import type { HookCall, HookDone } from '../../model/hook.ts'
import { type Answer, answer, refuse } from '../../model/refusal.ts'
import { rawRoute, type Route } from '../route.ts'

export interface Observed {
  metrics?: (accept: string | undefined) => Promise<Scrape>
  hooks?: (call: HookCall) => Promise<Answer<HookDone>>
}

export function observedRoutes({ metrics, hooks }: Observed): Route[] {
  return [...(metrics ? [metricsRoute(metrics)] : []), ...(hooks ? [hookRoute(hooks)] : [])]
}

function metricsRoute(metrics: NonNullable<Observed['metrics']>): Route {
  return rawRoute({
    method: 'GET',
    path: '/metrics',
    topic: 'status',
    summary: 'What the server measures, for Prometheus',
    media: ['text/plain', 'application/openmetrics-text'],
    async raw({ headers }, { outgoing }) {
      const { type, text } = await metrics(headers.get('accept') ?? undefined)
      outgoing.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' })
      outgoing.end(text)
      return answer(undefined)
    },
  })
}

function hookRoute(hooks: NonNullable<Observed['hooks']>): Route {
  return rawRoute({
    method: 'POST',
    path: '/api/v1/hooks/{name}',
    topic: 'control',
    summary: 'Bring about what a hook is for; signed after the Standard Webhooks specification',
    params: { name: z.string() },
    media: ['application/json'],
    async raw({ params, headers }, { incoming, outgoing }) {
      // As it came: its signature is over these bytes.
      const body = await bytesOf(incoming)
      if (!body.ok) return body
      const done = await hooks({ name: params.name, headers: Object.fromEntries(headers), body: body.value })
      if (!done.ok) return done
      outgoing.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      outgoing.end(JSON.stringify(done.value))
      return answer(undefined)
    },
  })
}

/** Many times what the specification recommends. */
const MOST_BYTES = 256 * 1024

async function bytesOf(incoming: IncomingMessage): Promise<Answer<Buffer>> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MOST_BYTES)
      return refuse({ code: 'tooLarge', message: `more than ${MOST_BYTES} bytes`, mostBytes: MOST_BYTES })
    chunks.push(chunk)
  }
  return answer(Buffer.concat(chunks))
}
