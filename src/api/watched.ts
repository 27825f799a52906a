// Watched requests: each gets an id, and whoever watches the door is told of it once its answer is out, whoever answered.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnsweredRequest, DoorWatch } from '../model/door-watch.ts'

type Learnt = Partial<Pick<AnsweredRequest, 'route' | 'principal' | 'code'>>

/** What is learnt of a request while it is answered. */
const learnt = new WeakMap<IncomingMessage, Learnt>()

/** Requests that came in over no wire (a test of a route) are watched by nobody. */
export function learn(incoming: IncomingMessage | undefined, more: Learnt): void {
  const known = incoming && learnt.get(incoming)
  if (known) Object.assign(known, more)
}

const ID = 'x-request-id'

/** Call it before anybody answers. */
export function watchRequest(watch: DoorWatch, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const given = incoming.headers[ID]
  const id = typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
  const began = performance.now()
  learnt.set(incoming, {})
  outgoing.setHeader(ID, id)
  outgoing.once('close', () => {
    const { route = 'unmatched', principal, code } = learnt.get(incoming) ?? {}
    const media = String(outgoing.getHeader('content-type') ?? '')
    watch.answered({
      id,
      method: incoming.method ?? '',
      route,
      // Whoever asked has gone before there was an answer.
      status: outgoing.headersSent ? outgoing.statusCode : 499,
      durationMs: performance.now() - began,
      ...(principal === undefined ? {} : { principal }),
      ...(code === undefined ? {} : { code }),
      ...(STREAMS.test(media) ? { stream: true as const } : {}),
    })
  })
}

const STREAMS = /^(text\/event-stream|application\/x-ndjson)\b/
