// Puts a key into etcd every few milliseconds until its stdin ends, then reads all of them back: run inside a lab's network.
// usage: etcd-writer-loop.ts PREFIX EVERY_MS PEM_FILE ENDPOINT...      PEM_FILE: key, certificate and authority
// Says `writing` when the first put is acknowledged, and at the end one line of JSON with what became of them all.
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'

export interface Tally {
  /** Keys that were to be put, and how many of the puts etcd acknowledged. */
  put: number
  acknowledged: number
  /** Requests that did not succeed and were sent again, to the next endpoint. */
  retries: number
  /** The longest that one key waited for its acknowledgement; for people, not for assertions. */
  longestMs: number
  /** Acknowledged keys that are not there at the end, or have another value. */
  lost: string[]
}

/** A refusal comes at once: not too often. */
const BREATH_MS = 10
const ATTEMPT_MS = 1_000
const GIVE_UP_MS = 60_000

const [prefix = '', everyMs = '', pemFile = '', ...endpoints] = process.argv.slice(2)
const pem = readFileSync(pemFile, 'utf8')
const agent = new Agent({ keepAlive: true, cert: pem, key: pem, ca: pem, maxSockets: 64 })

const tally: Tally = { put: 0, acknowledged: 0, retries: 0, longestMs: 0, lost: [] }
const acknowledged = new Map<string, string>()
const inFlight = new Set<Promise<void>>()

const timer = setInterval(() => {
  const one: Promise<void> = put(tally.put++).finally(() => inFlight.delete(one))
  inFlight.add(one)
}, Number(everyMs))

process.stdin.resume()
process.stdin.once('end', () => void finish())

async function put(number: number): Promise<void> {
  const key = `${prefix}${String(number).padStart(9, '0')}`
  const value = `value of ${key}`
  const started = performance.now()
  for (let attempt = 0; performance.now() - started < GIVE_UP_MS; attempt++) {
    const answer = await post(number + attempt, '/v3/kv/put', { key: base64(key), value: base64(value) })
    if (answer !== undefined) {
      acknowledged.set(key, value)
      tally.longestMs = Math.max(tally.longestMs, Math.round(performance.now() - started))
      if (++tally.acknowledged === 1) process.stdout.write('writing\n')
      return
    }
    tally.retries++
  }
}

async function finish(): Promise<void> {
  clearInterval(timer)
  await Promise.all(inFlight)
  const found = await everything()
  tally.lost = [...acknowledged].filter(([key, value]) => found.get(key) !== value).map(([key]) => key)
  process.stdout.write(`${JSON.stringify(tally)}\n`)
  agent.destroy()
}

/** Linearizable reads: what they do not show is not there. */
async function everything(): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const end = base64(`${prefix}:`) // the character after 9
  for (let from = prefix; ; ) {
    const wish = { key: base64(from), range_end: end, limit: 5_000 }
    const page = (await insist('/v3/kv/range', wish)) as {
      kvs?: { key: string; value: string }[]
      more?: boolean
    }
    for (const { key, value } of page.kvs ?? []) found.set(text(key), text(value))
    const last = page.kvs?.at(-1)
    if (!page.more || last === undefined) return found
    from = `${text(last.key)}\0`
  }
}

async function insist(path: string, body: object): Promise<unknown> {
  const started = performance.now()
  for (let attempt = 0; performance.now() - started < GIVE_UP_MS; attempt++) {
    const answer = await post(attempt, path, body)
    if (answer !== undefined) return answer
  }
  throw new Error(`no endpoint answers ${path}`)
}

/** undefined: not acknowledged, for whatever reason. */
function post(turn: number, path: string, body: object): Promise<unknown> {
  return new Promise((resolve) => {
    const url = new URL(path, endpoints[turn % endpoints.length])
    const sent = request(url, { method: 'POST', agent, timeout: ATTEMPT_MS }, (response) => {
      let told = ''
      response.setEncoding('utf8').on('data', (part: string) => (told += part))
      response.once('end', () => resolve(response.statusCode === 200 ? JSON.parse(told) : undefined))
      response.once('error', () => resolve(undefined))
    })
    sent.once('timeout', () => sent.destroy())
    sent.once('error', () => setTimeout(() => resolve(undefined), BREATH_MS))
    sent.end(JSON.stringify(body))
  })
}

function base64(plain: string): string {
  return Buffer.from(plain).toString('base64')
}

function text(encoded: string): string {
  return Buffer.from(encoded, 'base64').toString()
}
