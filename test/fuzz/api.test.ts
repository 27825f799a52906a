// Every operation of the API with values that fit and values that do not: an answer comes, and it is never a mistake of ours.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import { type Dice, dice } from '../simulation/dice.ts'
import type { Access, Caller } from '../../src/api/caller.ts'
import { Challenges } from '../../src/api/elsewhere.ts'
import { RUNNER_PROTOCOL } from '../../src/model/runner-talk.ts'
import { isPublicKey, isSigned } from '../../src/runner/key-pair.ts'
import { SMALL, type TestApi, testApi } from '../support/api.ts'
import { makeDesk } from '../support/elsewhere.ts'
import { OPEN } from '../support/open-access.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'
import { EVIL, fuzz } from './hostile.ts'

let api: TestApi
let document: JsonObject
let operations: Operation[]
beforeAll(async () => {
  const desk = makeDesk(60_000, () => {}, new Map())
  desk.open()
  desk.begin({
    runner: 'r1',
    labels: {},
    slots: 1,
    version: '0',
    protocol: RUNNER_PROTOCOL,
    draining: false,
    key: digestOfBytes('r1'),
  })
  api = await testApi(
    SMALL,
    {},
    {
      access: AS_RUNNER,
      elsewhere: {
        desk,
        leaseMs: 60_000,
        owner: 'a test',
        challenges: new Challenges(),
        keys: { isPublicKey, isSigned },
      },
    },
  )
  document = (await api.get<JsonObject>('/openapi.json')).body
  operations = Object.entries(document['paths'] as JsonObject).flatMap(([path, item]) =>
    Object.entries(item as JsonObject).map(([method, told]) => ({ path, method, told: told as JsonObject })),
  )
})
afterAll(async () => {
  expect(api.mistakes).toEqual([])
  await api.close()
})

interface Operation {
  path: string
  method: string
  told: JsonObject
}

/** What is longer than this hangs. */
const HANG_MS = 30_000
const WAITED_MS = 100

/** Who may do everything, and is the runner that holds the lease, too. */
const AS_RUNNER: Access = {
  ...OPEN,
  async admit(knock) {
    const admitted = await OPEN.admit(knock)
    return admitted.ok
      ? {
          ok: true,
          value: { ...admitted.value, grants: [], via: { kind: 'runner', runner: 'r1' } } as Caller,
        }
      : admitted
  },
}

test('whatever is asked is answered, and no answer holds a secret', async () => {
  await fuzz('api', fc.nat(), async (seed) => {
    const roll = dice(seed, 'api')
    const asked = request(roll, roll.pick(operations))
    const gone = new AbortController()
    // Whoever asks for work where there is none waits for some.
    const waits = asked.path.startsWith('/api/v1/work/claims')
    const hang = setTimeout(() => gone.abort(), waits ? WAITED_MS : HANG_MS)
    try {
      const response = await fetch(api.url + asked.path, { ...asked.init, signal: gone.signal })
      const type = response.headers.get('content-type') ?? ''
      if (type.startsWith('application/json') || type.startsWith('application/problem+json')) {
        const text = await response.text()
        expect(text.includes('s3cret'), asked.path).toBe(false)
        const body = (text === '' ? {} : JSON.parse(text)) as JsonObject
        if (response.status >= 400 && text !== '')
          expect(body).toMatchObject({ status: response.status, code: expect.any(String) })
        expect({ asked, ...body }).not.toMatchObject({ status: expect.toSatisfy((status) => status >= 500) })
      } else {
        expect({ asked, status: response.status }).toMatchObject({
          status: expect.toSatisfy((status) => status < 500),
        })
        await response.body?.cancel()
      }
    } catch (error) {
      if (!waits || !gone.signal.aborted) throw error
    } finally {
      clearTimeout(hang)
      gone.abort()
    }
  })
  expect((await api.get('/api/v1/status')).status).toBe(200)
})

test('a site that is almost right is refused with its places, or does what it says', async () => {
  const site = JSON.parse(JSON.stringify(shortSite(readShortSite(ALMOST)))) as JsonObject
  for (const text of Object.keys(site['roles'] as JsonObject).map((role) => JSON.stringify(`${role} apply`)))
    await fetch(`${api.url}/api/v1/content/${digestOfBytes(text)}`, { method: 'PUT', body: text })
  expect(await api.send('POST', '/api/v1/diff', { site })).toMatchObject({ status: 200 })
  await fuzz('api sites', fc.nat(), async (seed) => {
    const roll = dice(seed, 'site')
    const edited = JSON.parse(JSON.stringify(site)) as JsonObject
    for (let edits = roll.between(1, 3); edits > 0; edits--) edit(roll, edited)
    const asked = roll.chance(0.5)
      ? await api.send<JsonObject>('POST', '/api/v1/diff', { site: edited })
      : await api.send<JsonObject>('POST', '/api/v1/revisions', { site: edited, message: '' })
    expect({ edited, ...asked }).not.toMatchObject({ status: expect.toSatisfy((status) => status >= 500) })
    const proposed = asked.status === 201 ? (asked.body?.['revision'] as JsonObject | undefined) : undefined
    if (!proposed || !roll.chance(0.5)) return
    const { revision, onto } = proposed as { revision: number; onto: number }
    const committed = await api.send('POST', `/api/v1/revisions/${revision}/commit`, { onto })
    expect({ edited, ...committed }).not.toMatchObject({
      status: expect.toSatisfy((status) => status >= 500),
    })
  })
  expect((await api.get('/api/v1/status')).status).toBe(200)
})

const ALMOST = `
nodes: { n1: { tier: data }, n2: { tier: web } }
roles:
  dns: { inputs: { zone: { type: string, default: lab } }, outputs: { name: { value: node.name }, ip: } }
  web: { requires: [dns], inputs: { names: { from: dns.name, take: map }, two: { value: inputs.names } } }
  app: { after: [web], inputs: { ip: { from: dns.ip } }, locks: [{ of: site, name: one, capacity: 1 }] }
deployments:
  d: { nodes: "node.labels.tier == 'data'", roles: [dns, web], values: { dns: { zone: x } } }
  e: { parent: d, roles: [{ role: app, rollout: { probe: 1, then: [50%] }, windows: [0:00-24:00] }], overrides: { n1/dns: { zone: y } } }
`

/** Somewhere in it something else stands: what breaks things, what stands elsewhere in it, or nothing. */
function edit(roll: Dice, root: JsonObject): void {
  const places: { holder: JsonObject | Json[]; key: string }[] = []
  const values: Json[] = []
  const walk = (holder: JsonObject | Json[]): void => {
    for (const [key, value] of Object.entries(holder)) {
      places.push({ holder, key })
      values.push(value)
      if (typeof value === 'object' && value !== null) walk(value)
    }
  }
  walk(root)
  const { holder, key } = roll.pick(places)
  const other = roll.chance(0.6) ? roll.pick(values) : roll.pick<Json>([...EVIL, null, -1, 1e9, [], {}])
  const copy = JSON.parse(JSON.stringify(other)) as Json
  const what = roll.pick(['gone', 'renamed', 'other', 'other', 'other'])
  if (Array.isArray(holder)) {
    if (what === 'gone') holder.splice(Number(key), 1)
    else holder[Number(key)] = copy
  } else if (what === 'gone') delete holder[key]
  else if (what === 'renamed')
    holder[roll.chance(0.5) ? roll.pick(EVIL).toWellFormed() : roll.pick(places).key] = copy
  else holder[key] = copy
}

/** Mostly what is described, with one or two things in it that are not. */
function request(roll: Dice, { path, method, told }: Operation): { path: string; init: RequestInit } {
  const parameters = (told['parameters'] ?? []) as JsonObject[]
  const of = (where: string): JsonObject[] => parameters.filter((one) => one['in'] === where)
  let filled = path
  for (const one of of('path')) filled = filled.replace(`{${nameOf(one)}}`, encoded(roll, word(roll, one)))
  const search = of('query')
    .filter((one) => one['required'] === true || roll.chance(0.4))

    .map((one) => `${nameOf(one)}=${encoded(roll, word(roll, one))}`)
  if (roll.chance(0.1)) search.push(`${encoded(roll, roll.pick(EVIL))}=${encoded(roll, roll.pick(EVIL))}`)
  const headers: Record<string, string> = {}
  if (roll.chance(0.1)) headers['idempotency-key'] = `key-${roll.below(20)}`
  if (roll.chance(0.1)) headers['if-match'] = roll.pick(['*', '"revision-2-committed-2"', 'x', '"'])
  if (roll.chance(0.1)) headers['if-none-match'] = roll.pick(['*', '"board-1"', 'W/"x", *'])
  if (roll.chance(0.1)) headers['last-event-id'] = roll.pick(['1', '99999999999', '-1', '1e3', 'x'])
  if (roll.chance(0.3)) headers['accept'] = roll.pick(['text/event-stream', 'application/x-ndjson', '*/*'])
  const sent = bodyFor(roll, told, headers)
  const verb = roll.chance(0.03)
    ? roll.pick(['PATCH', 'DELETE', 'OPTIONS', 'PUT', 'HEAD'])
    : method.toUpperCase()
  const takes = verb !== 'GET' && verb !== 'HEAD' && sent !== undefined
  return {
    path: filled + (search.length > 0 ? `?${search.join('&')}` : ''),
    init: { method: verb, headers, ...(takes ? { body: sent } : {}) },
  }
}

function bodyFor(roll: Dice, told: JsonObject, headers: Record<string, string>): string | undefined {
  const content = ((told['requestBody'] as JsonObject | undefined)?.['content'] ?? {}) as JsonObject
  const [media] = Object.keys(content)
  if (media === undefined) return undefined
  headers['content-type'] = roll.chance(0.05)
    ? roll.pick(['text/plain', 'application/json; charset=utf-7', 'x'])
    : media
  if (roll.chance(0.05))
    return roll.pick(['', '{', '[]', 'null', '"x"', '{"__proto__":{}}', `${'['.repeat(2_000)}`])
  const value = valueOf(roll, (content[media] as JsonObject)['schema'] as JsonObject, 0)
  return JSON.stringify(bounded(value))
}

/** Nothing that ends the server, nor what takes minutes by right. */
function bounded(body: Json): Json {
  if (!isObject(body)) return body
  if (body['kind'] === 'stop') return { ...body, kind: 'hold', targets: [] }
  if (body['what'] === undefined) return body
  const { nodes, times, ...rest } = body
  return {
    ...rest,
    times: Math.min(Number(times) || 1, 2),
    ...(typeof nodes === 'number' ? { nodes: Math.min(nodes, 20) } : {}),
  }
}

/** Names that there are, so that more than refusals is walked through. */
const NAMES: Record<string, readonly string[]> = {
  deployment: ['d'],
  node: ['n1', 'n2', '-'],
  name: ['n1', 'n2'],
  role: ['dns', 'web'],
  run: ['run-1', 'run-2', 'run-9'],
  revision: ['1', '2', '3'],
  cycle: ['1', '2'],
  target: ['n1', 'd', 'd/web', 'd/n1/web', 'node:n2'],
  input: ['names', 'zone', 'key'],
  kinds: ['runFinished', 'states'],
  word: ['lab', 'n1', 'zone'],
  at: ['deployments.d', '', 'roles.dns.inputs'],
  group: ['rack', 'deployment', 'role', 'variant', 'label:tier'],
  after: ['0', '1', '5'],
  targets: ['n1', 'd', 'd/web', 'd/n1/web'],
}

function nameOf(parameter: JsonObject): string {
  return parameter['name'] as string
}

function word(roll: Dice, parameter: JsonObject): string {
  const known = NAMES[nameOf(parameter)]
  if (known && roll.chance(0.7)) return roll.pick(known)
  if (roll.chance(0.3)) return roll.pick(EVIL)
  const value = valueOf(roll, parameter['schema'] as JsonObject, 0)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function encoded(roll: Dice, text: string): string {
  if (roll.chance(0.03))
    return roll.pick(['%', '%zz', '%00', '%C0%AF', '..%2f..', '%2e%2e', '%ud800', '+', '#'])
  return encodeURIComponent(text.toWellFormed())
}

function valueOf(roll: Dice, schema: JsonObject, depth: number): Json {
  if (roll.chance(0.03))
    return roll.pick<Json>([null, true, -1, 1e308, 'x', [], {}, roll.pick(EVIL), [[[]]], { kind: 'x' }])
  const { $ref, anyOf, oneOf, allOf, enum: words, type } = schema
  if (typeof $ref === 'string') {
    const name = $ref.slice('#/components/schemas/'.length)
    return valueOf(
      roll,
      ((document['components'] as JsonObject)['schemas'] as JsonObject)[name] as JsonObject,
      depth + 1,
    )
  }
  for (const choice of [anyOf, oneOf, allOf])
    if (Array.isArray(choice)) return valueOf(roll, roll.pick(choice as JsonObject[]), depth + 1)
  if (Array.isArray(words)) return roll.pick(words)
  switch (Array.isArray(type) ? roll.pick(type) : type) {
    case 'string':
      return textOf(roll, schema)
    case 'integer':
    case 'number':
      return numberOf(roll, schema)
    case 'boolean':
      return roll.chance(0.5)
    case 'array':
      return Array.from({ length: depth > 6 ? 0 : roll.between(0, 3) }, () =>
        valueOf(roll, (schema['items'] ?? {}) as JsonObject, depth + 1),
      )
    case 'object':
      return objectOf(roll, schema, depth)
    case 'null':
      return null
    default:
      return roll.pick<Json>(['a', 1, true, null, { a: 1 }, ['b'], roll.pick(EVIL)])
  }
}

function objectOf(roll: Dice, schema: JsonObject, depth: number): JsonObject {
  const { properties, required = [], additionalProperties: more } = schema
  const wanted = Object.entries((properties ?? {}) as JsonObject).filter(([name]) =>
    (required as Json[]).includes(name) ? !roll.chance(0.02) : roll.chance(depth > 6 ? 0 : 0.5),
  )
  const entries = wanted.map(([name, inner]): [string, Json] => {
    const known = NAMES[name]
    if (known && roll.chance(0.5)) return [name, name === 'targets' ? [roll.pick(known)] : roll.pick(known)]
    return [name, valueOf(roll, inner as JsonObject, depth + 1)]
  })
  if (isObject(more) && depth <= 6)
    for (let left = roll.between(0, 2); left > 0; left--)
      entries.push([roll.pick([...Object.values(NAMES).flat(), ...EVIL]), valueOf(roll, more, depth + 1)])
  return Object.fromEntries(entries)
}

function textOf(roll: Dice, { pattern }: JsonObject): string {
  if (roll.chance(0.1)) return roll.pick(EVIL)
  if (typeof pattern === 'string' && pattern.includes('{64}')) return 'a'.repeat(64)
  if (typeof pattern === 'string' && pattern.startsWith('^\\/')) return '/etc/motd'
  return roll.pick([
    'dns',
    'web',
    'd',
    'n1',
    'a',
    'true',
    'node.name',
    '50%',
    '0644',
    'x'.repeat(roll.below(200) + 1),
  ])
}

function numberOf(roll: Dice, { minimum, maximum }: JsonObject): number {
  const least = typeof minimum === 'number' ? minimum : 0
  const most = typeof maximum === 'number' ? Math.min(maximum, least + 1_000) : least + 100
  return roll.chance(0.1) ? roll.pick([-1, 0.5, 2 ** 53, 1e15, least, most]) : roll.between(least, most)
}
