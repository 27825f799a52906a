// The files of a node-role over HTTP: rendered by the real thing from the journal, held against the last success, without secrets.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeRenderer } from '../../src/content/renderer.ts'
import { showFiles } from '../../src/drivers/show-files.ts'
import type { FilesView } from '../../src/model/rendered-files.ts'
import type { Grant } from '../../src/model/access.ts'
import { bearer, type Guarded, guarded } from '../support/guarded.ts'

const MOTD = '{{ inputs.greeting }} {{ node.name }}'
const TOKEN = 't={{ inputs.echo | upper }} {{ inputs.code }}'
const ADDRESS = '{{ inputs.address }}'
const SITE = `
nodes: { n1: }
roles:
  app:
    inputs: { greeting: hello, token: { default: hunter2-canary, sensitive: true }, echo: { value: inputs.token }, code: { default: 4711, sensitive: true } }
    files: { /etc/motd: "${MOTD}", /etc/token: "${TOKEN}" }
  late: { inputs: { address: { fact: nothing.there } }, files: { /etc/address: "${ADDRESS}" } }
deployments: { d: { nodes: "true", roles: [app, late] }, other: { nodes: "true", roles: [] } }
`
const FILES = '/api/v1/node-roles/d/n1/app/files'

let api: Guarded
beforeAll(async () => {
  api = await guarded({}, undefined, SITE, {
    showFiles: showFiles(makeRenderer()),
    templates: [MOTD, TOKEN, ADDRESS],
  })
})
afterAll(() => api.close())

const asked = async (role: 'viewer' | 'author' | 'admin', method = 'GET'): Promise<FilesView> => {
  const token = await api.token(`${role}-${++tokens}`, [{ role }])
  const told = await api.send<FilesView>(
    method,
    FILES,
    method === 'GET' ? undefined : { why: 'to see' },
    bearer(token),
  )
  expect(told.status).toBe(200)
  return told.body
}
let tokens = 0

test('each is as the last success wrote it; what is made of a secret was never rendered', async () => {
  const { files, hidden, since, unbound } = await asked('viewer')
  expect(since?.run).toMatch(/^run-/)
  expect([hidden, unbound]).toEqual([['code', 'echo', 'token'], []])
  expect(files.map(({ path, change, text }) => [path, change, text])).toEqual([
    ['/etc/motd', 'same', 'hello n1'],
    ['/etc/token', 'same', 't=•••••• ••••••'],
  ])
})

test('who may read secrets sees them, and that they looked stands in the trail with why', async () => {
  const { files, hidden } = await asked('admin', 'POST')
  expect(hidden).toEqual([])
  expect(files[1]?.text).toBe('t=HUNTER2-CANARY 4711')
  const trail = await api.trail()
  expect(trail.some(({ why, by }) => why === 'to see' && by.includes('admin'))).toBe(true)
})

test('an author may not; nor who is admin elsewhere', async () => {
  const holders: [string, Grant][] = [
    ['an-author', { role: 'author' }],
    ['elsewhere', { role: 'admin', deployments: ['other'] }],
  ]
  for (const [name, grant] of holders) {
    const token = await api.token(name, [grant])
    const told = await api.send('POST', FILES, {}, bearer(token))
    expect([name, told.status]).toEqual([name, 403])
    expect(JSON.stringify(told.body)).not.toContain('canary')
  }
})

test('what no success wrote and no input gives is not rendered, and says what is missing', async () => {
  const token = await api.token('v', [{ role: 'viewer' }])
  const told = await api.get<FilesView>('/api/v1/node-roles/d/n1/late/files', bearer(token))
  expect(told.body).toEqual({ nodeRole: 'd/n1/late', unbound: ['address'], hidden: [], files: [] })
})
