// Signatures of webhooks after the Standard Webhooks specification 1.0.0: HMAC-SHA256 over id, time and body.
import { createHmac, timingSafeEqual } from 'node:crypto'

export const WEBHOOK_HEADERS = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const

const PREFIX = 'whsec_'
/** The specification's bounds, in bytes. */
const SECRET_LEAST = 24
const SECRET_MOST = 64

/** `whsec_` and base64 of 24 to 64 bytes; undefined for anything else. The prefix may be left out. */
export function readWebhookSecret(text: string): Uint8Array | undefined {
  const encoded = text.trim().replace(PREFIX, '')
  const bytes = Buffer.from(encoded, 'base64')
  const isWhole = bytes.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '')
  return isWhole && bytes.length >= SECRET_LEAST && bytes.length <= SECRET_MOST ? bytes : undefined
}

export interface Signed {
  id: string
  /** Seconds since the epoch, of the attempt and not of what it tells. */
  timestamp: number
  body: string | Uint8Array
}

/** The header: one signature per secret, so that the receiver may know the old one or the new one. */
export function webhookSignature(signed: Signed, secrets: readonly Uint8Array[]): string {
  return secrets.map((secret) => `v1,${hmac(signed, secret).toString('base64')}`).join(' ')
}

export type SignatureProblem = 'incomplete' | 'timestamp' | 'signature'

/** How far the sender's clock may be from ours, and how long an id must be remembered on both sides of that. */
export const TOLERANCE_MS = 5 * 60_000

/** Undefined: it is from somebody who knows one of the secrets, and of now. `headers` by names in lower case. */
export function signatureProblem(
  headers: Readonly<Record<string, string | undefined>>,
  body: Uint8Array,
  secrets: readonly Uint8Array[],
  nowMs: number,
): SignatureProblem | undefined {
  const id = headers[WEBHOOK_HEADERS.id]
  const timestamp = headers[WEBHOOK_HEADERS.timestamp]
  const told = headers[WEBHOOK_HEADERS.signature]
  if (!id || !timestamp || !told) return 'incomplete'
  // A dot in either would let one message be read as another.
  if (!/^[\w-]{1,256}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return 'incomplete'
  if (Math.abs(Number(timestamp) * 1000 - nowMs) > TOLERANCE_MS) return 'timestamp'
  const wanted = secrets.map((secret) => hmac({ id, timestamp: Number(timestamp), body }, secret))
  const given = told
    .split(' ')
    .slice(0, SIGNATURES_MOST)
    .flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice('v1,'.length), 'base64')] : []))
  // All are compared, whichever fits.
  let fits = false
  for (const one of given)
    for (const right of wanted) if (one.length === right.length && timingSafeEqual(one, right)) fits = true
  return fits ? undefined : 'signature'
}

const SIGNATURES_MOST = 16

function hmac({ id, timestamp, body }: Signed, secret: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest()
}
