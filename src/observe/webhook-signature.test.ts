// Signatures of webhooks by the vectors of the specification's own libraries, and by what must not pass.
import { expect, test } from 'vitest'
import { readWebhookSecret, signatureProblem, TOLERANCE_MS, webhookSignature } from './webhook-signature.ts'

/** From the tests of the reference libraries. */
const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const TIMESTAMP = 1_614_265_330
const BODY = '{"test": 2432232314}'
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

const secret = readWebhookSecret(KEY) as Uint8Array
const other = readWebhookSecret(`whsec_${Buffer.alloc(32, 7).toString('base64')}`) as Uint8Array
const now = TIMESTAMP * 1000
const bytes = Buffer.from(BODY)
const headers = { 'webhook-id': ID, 'webhook-timestamp': String(TIMESTAMP), 'webhook-signature': SIGNATURE }

test('the vector of the specification is signed and accepted', () => {
  expect(webhookSignature({ id: ID, timestamp: TIMESTAMP, body: BODY }, [secret])).toBe(SIGNATURE)
  expect(signatureProblem(headers, bytes, [secret], now)).toBeUndefined()
})

test('while a secret is replaced, each side may know the old one, the new one or both', () => {
  const both = webhookSignature({ id: ID, timestamp: TIMESTAMP, body: BODY }, [other, secret])
  expect(both.split(' ')).toHaveLength(2)
  const rotating = { ...headers, 'webhook-signature': both }
  for (const known of [[secret], [other], [other, secret]])
    expect(signatureProblem(rotating, bytes, known, now)).toBeUndefined()
  expect(signatureProblem(headers, bytes, [other, secret], now)).toBeUndefined()
  expect(signatureProblem(headers, bytes, [other], now)).toBe('signature')
  const among = [
    SIGNATURE.replace('v1,', 'v2,'),
    'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=',
    SIGNATURE,
  ]
  const several = { ...headers, 'webhook-signature': among.join(' ') }
  expect(signatureProblem(several, bytes, [secret], now)).toBeUndefined()
  const without = { ...headers, 'webhook-signature': among.slice(0, 2).join(' ') }
  expect(signatureProblem(without, bytes, [secret], now)).toBe('signature')
})

test('what is missing, changed, too old or too new is told apart', () => {
  for (const name of Object.keys(headers))
    expect(signatureProblem({ ...headers, [name]: undefined }, bytes, [secret], now)).toBe('incomplete')
  const changed = (change: object): unknown =>
    signatureProblem({ ...headers, ...change }, bytes, [secret], now)
  expect(changed({ 'webhook-id': 'msg_other' })).toBe('signature')
  expect(changed({ 'webhook-id': 'msg.1' })).toBe('incomplete')
  expect(changed({ 'webhook-timestamp': 'hello' })).toBe('incomplete')
  expect(changed({ 'webhook-timestamp': `${TIMESTAMP}.5` })).toBe('incomplete')
  expect(changed({ 'webhook-timestamp': String(TIMESTAMP + 1) })).toBe('signature')
  for (const signature of [
    'v1,',
    'v1',
    SIGNATURE.slice(0, 8),
    SIGNATURE.slice(3),
    'v1,dawfeoifkpqwoekfpqoekf',
  ])
    expect(changed({ 'webhook-signature': signature })).toBe('signature')
  expect(signatureProblem(headers, Buffer.from(`${BODY} `), [secret], now)).toBe('signature')
  for (const late of [TOLERANCE_MS, -TOLERANCE_MS])
    expect(signatureProblem(headers, bytes, [secret], now + late)).toBeUndefined()
  for (const late of [TOLERANCE_MS + 1, -TOLERANCE_MS - 1])
    expect(signatureProblem(headers, bytes, [secret], now + late)).toBe('timestamp')
})

test('a secret is what the specification says one is', () => {
  expect(readWebhookSecret(KEY.replace('whsec_', ''))).toEqual(secret)
  expect(readWebhookSecret(`${KEY}\n`)).toEqual(secret)
  const wrong = [
    '',
    'whsec_',
    'whsec_c2hvcnQ=',
    `${KEY}!`,
    `whsec_${'A'.repeat(100)}`,
    'hunter2hunter2hunter2hunter2!',
  ]
  for (const text of wrong) expect(readWebhookSecret(text), text).toBeUndefined()
})
