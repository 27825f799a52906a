// The document: it is sound, it has every route, and what the server really answers is what it says.
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import { digestOfBytes } from '../../src/base/digest.ts'
import { ROUTE_RIGHTS } from '../../src/api/access/route-rights.ts'
import { type TestApi, testApi } from '../support/api.ts'

let api: TestApi
let document: JsonObject
beforeAll(async () => {
  api = await testApi()
  document = (await api.get<JsonObject>('/openapi.json')).body
})
afterAll(async () => {
  await api.close()
  expect(api.mistakes).toEqual([])
})

test('it is valid by the schema that the OpenAPI Initiative publishes for 3.1', async () => {
  const validator = new Validator()
  expect(await validator.validate(structuredClone(document))).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
  const { info: _info, ...without } = document
  expect(await new Validator().validate(structuredClone(without))).toMatchObject({ valid: false })
})

test('it has the form of OpenAPI 3.1, each reference leads somewhere, each name in a path is described', () => {
  expect(document['openapi']).toMatch(/^3\.1\./)
  const components = (document['components'] as JsonObject)['schemas'] as JsonObject
  const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)
  for (const [, reference = ''] of references) {
    expect(reference.startsWith('#/components/schemas/')).toBe(true)
    expect(Object.keys(components)).toContain(reference.slice('#/components/schemas/'.length))
  }
  const ids = new Set<string>()
  for (const { path, operation } of operations(document)) {
    const { operationId, responses, parameters = [], summary, tags } = operation
    expect(ids).not.toContain(operationId)
    ids.add(operationId as string)
    expect([typeof summary, Array.isArray(tags)]).toEqual(['string', true])
    const named = (parameters as JsonObject[]).filter((one) => one['in'] === 'path').map((one) => one['name'])
    expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
    expect(Object.keys(responses as JsonObject)).toContain('default')
    for (const one of parameters as JsonObject[]) if (one['in'] === 'path') expect(one['required']).toBe(true)
  }
})

test('every schema in it is one of JSON Schema 2020-12', () => {
  const ajv = schemas()
  for (const name of Object.keys((document['components'] as JsonObject)['schemas'] as JsonObject))
    expect(() => ajv.compile({ $ref: `doc#/components/schemas/${name}` })).not.toThrow()
})

test('each route has its right in the table of access', () => {
  const missing = operations(document)
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    .filter((route) => !Object.hasOwn(ROUTE_RIGHTS, route))
  expect(missing).toEqual([])
})

const GETS = [
  '/openapi.json',
  '/version',
  '/healthz',
  '/readyz',
  '/api/v1/status',
  '/api/v1/node-roles?limit=3',
  '/api/v1/node-roles/d/n1/web?input=names',
  '/api/v1/board?group=rack',
  '/api/v1/board?group=variant&role=web',
  '/api/v1/board?group=deployment&state=active&label=tier%3Ddata',
  '/api/v1/nodes',
  '/api/v1/nodes/n1',
  '/api/v1/nodes/n1/facts',
  '/api/v1/nodes/n1/history',
  '/api/v1/runs?target=n1&result=ok',
  '/api/v1/runs/run-1',
  '/api/v1/revisions',
  '/api/v1/revisions/2?at=deployments.d.placements',
  '/api/v1/cycles',
  '/api/v1/cycles/1',
  '/api/v1/cycles/1/runs',
  '/api/v1/graph/roles',
  '/api/v1/graph/node-roles?target=n1',
  '/api/v1/trace?word=lab',
  '/api/v1/execs',
] as const

test.each(GETS)('GET %s answers as it says', async (path) => {
  const told = await api.get<Json>(path)
  expect(told).toMatchObject({ status: 200 })
  expectAsDescribed('get', path, told.status, told.body)
})

test('refusals are problems as it says', async () => {
  for (const path of ['/api/v1/runs/run-99', '/api/v1/runs/x', '/api/v1/nodes/n9/history']) {
    const told = await api.get<Json>(path)
    expect(told.status).toBeGreaterThanOrEqual(400)
    expectAsDescribed('get', path, 'default', told.body)
  }
})

test('what steers work answers as it says', async () => {
  const at = async (path: string, body: unknown, status = 200): Promise<JsonObject> => {
    const told = await api.send<JsonObject>('POST', `/api/v1${path}`, body)
    expect(told).toMatchObject({ status })
    expectAsDescribed('post', `/api/v1${path}`, status, told.body)
    return told.body
  }
  await at('/controls', { kind: 'hold', targets: ['n1'], why: 'a look' })
  await at('/controls', { kind: 'release', targets: ['n1'] })
  await at('/rinses/preview', { targets: ['n1/web'] })
  await at('/rinses', { targets: ['n1/web'], why: 'afresh' })
  await at('/drift', { targets: [] })
  await at('/content/missing', { digests: [digestOfBytes('x')] })
  await at('/rehearsals', { what: { kind: 'committed' }, afresh: true, times: 1 })
  const rolled = await at('/revisions/2/rollback', { message: 'as before' }, 201)
  const { revision } = rolled['revision'] as { revision: number }
  expectAsDescribed(
    'get',
    `/api/v1/revisions/${revision}/diff`,
    200,
    (await api.get<Json>(`/api/v1/revisions/${revision}/diff`)).body,
  )
  await at(`/revisions/${revision}/discard`, {})
})

function schemas(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ ...document, $id: 'doc' })
  return ajv
}

let known: Ajv2020 | undefined

/** Answers hold nothing that is not described: objects are closed before they are held against their schemas. */
function expectAsDescribed(method: string, path: string, status: number | string, body: Json): void {
  known ??= new Ajv2020({ strict: false, validateFormats: false }).addSchema({
    ...(closed(document) as JsonObject),
    $id: 'doc',
  })
  const template = templateOf(path.replace(/\?.*/, ''))
  const media = status === 'default' ? 'application/problem+json' : 'application/json'
  const pointer = ['paths', template, method, 'responses', String(status), 'content', media, 'schema']
  const validate = known.compile({ $ref: `doc#/${pointer.map(encoded).join('/')}` })
  validate(body)
  expect(validate.errors ?? []).toEqual([])
}

function closed(value: Json): Json {
  if (Array.isArray(value)) return value.map(closed)
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, each]): [string, Json] => [key, closed(each)])
  const object = Object.fromEntries(entries)
  return object['type'] === 'object' &&
    isObject(object['properties']) &&
    object['additionalProperties'] === undefined
    ? { ...object, unevaluatedProperties: false }
    : object
}

function encoded(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

function templateOf(path: string): string {
  const found = operations(document).find(({ path: template }) =>
    new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
  )
  return found?.path ?? path
}

function operations(of: JsonObject): { path: string; method: string; operation: JsonObject }[] {
  return Object.entries(of['paths'] as JsonObject).flatMap(([path, item]) =>
    Object.entries(item as JsonObject).map(([method, operation]) => ({
      path,
      method,
      operation: operation as JsonObject,
    })),
  )
}
