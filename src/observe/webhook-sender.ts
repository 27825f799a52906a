// One attempt to deliver a message: signed, with an end, without following where it is sent on to.
import { digestOf } from '../base/digest.ts'
import type { WebhookMessage } from './webhook-messages.ts'
import type { Delivered } from './webhook-queue.ts'
import { WEBHOOK_HEADERS, webhookSignature } from './webhook-signature.ts'

export interface Destination {
  url: string
  secrets: readonly Uint8Array[]
}

export interface Attempt {
  how: Delivered
  /** For the log; never what the receiver wrote. */
  told: string
}

/** As the specification recommends. */
const DEADLINE_MS = 20_000

/** `origin` says which site it is, so that ids of two sites differ. Never rejects. */
export async function deliver(
  { url, secrets }: Destination,
  message: WebhookMessage,
  origin: string,
  now: number,
  signal: AbortSignal,
): Promise<Attempt> {
  const id = `msg_${digestOf([origin, message.key]).slice(0, 32)}`
  const timestamp = Math.floor(now / 1000)
  const { type, at, data } = message
  const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'anneal',
        [WEBHOOK_HEADERS.id]: id,
        [WEBHOOK_HEADERS.timestamp]: String(timestamp),
        [WEBHOOK_HEADERS.signature]: webhookSignature({ id, timestamp, body }, secrets),
      },
      body,
    })
    await response.body?.cancel()
    return judged(response, now)
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const code = (cause as { code?: unknown }).code
    return {
      how: { result: 'failed' },
      told: typeof code === 'string' ? code : cause instanceof Error ? cause.name : 'no answer',
    }
  }
}

function judged({ status, ok, headers }: Response, now: number): Attempt {
  const told = `HTTP ${status}`
  if (ok) return { how: { result: 'delivered' }, told }
  if (status === 410) return { how: { result: 'gone' }, told }
  const retryAfterMs = retryAfter(headers.get('retry-after'), now)
  return { how: { result: 'failed', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }, told }
}

/** Seconds, or a date as HTTP writes them. */
function retryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined
  const ms = /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}
