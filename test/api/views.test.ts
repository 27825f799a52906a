// What is seen at a glance: the board, the graphs, the bars of a cycle; and only what one may see.
import { afterEach, expect, test } from 'vitest'
import type { Access, Caller } from '../../src/api/caller.ts'
import type { BoardView } from '../../src/model/board.ts'
import type { GraphEdge, NodeRoleGraphView, RoleGraphView } from '../../src/model/graph-view.ts'
import type { WhyView } from '../../src/model/view.ts'
import { apiOver, type TestApi, testApi } from '../support/api.ts'
import { OPEN } from '../support/open-access.ts'
import { testServing } from '../support/serving.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'
import { sse } from '../support/sse.ts'

let api: TestApi
afterEach(async () => {
  await api.close()
  expect(api.mistakes).toEqual([])
})

const SITE = `
nodes: { n1: { rack: r1 }, n2: { rack: r2 }, n3: { rack: r2 } }
roles:
  dns: { outputs: { name: { value: node.name } } }
  web: { requires: [dns], inputs: { names: { from: dns.name, take: map } } }
  log: { after: [web] }
  peer: { inputs: { others: { from: peer.said, take: map, wait: known } }, outputs: { said: } }
  lead: { per: deployment, inputs: { x: 1 } }
deployments:
  d: { nodes: [n1, n2], roles: [dns, web, log] }
  e: { nodes: [n2], roles: [peer, lead] }
`

const board = async (query: string): Promise<string[]> => {
  const { body } = await api.get<BoardView>(`/api/v1/board${query}`)
  return [
    body.columns.map(({ deployment, role }) => `${deployment}/${role}`).join(' '),
    ...body.rows.map(({ node, group, cells }) => `${group ?? ''} ${node} ${cells}`.trim()),
  ]
}

test('the board: a letter for each node-role, groups and filters', async () => {
  api = await testApi(SITE, {
    outcome: ({ nodeRole }) =>
      nodeRole === 'd/n2/web'
        ? { result: 'failed', message: 'no', tail: '', retry: false, durationMs: 1 }
        : { result: 'ok', outputs: { said: 1 }, filesChanged: [], durationMs: 1 },
  })
  expect(await board('')).toEqual([
    'd/dns d/log d/web e/lead e/peer',
    '- ...a.',
    'n1 aaa..',
    'n2 aae.a',
    'n3 .....',
  ])
  expect(await board('?state=error')).toEqual(['d/dns d/log d/web e/lead e/peer', 'n2 aae.a'])
  expect(await board('?deployment=d&role=web,dns&group=rack')).toEqual([
    'd/dns d/web',
    'r1 n1 aa',
    'r2 n2 ae',
  ])
  expect(await board('?group=deployment')).toEqual([
    'd/dns d/log d/web e/lead e/peer',
    'd n1 aaa..',
    'd n2 aae..',
    'e - ...a.',
    'e n2 ....a',
  ])
  expect(await board('?group=label:rack&label=rack%3Dr2&q=3')).toEqual([
    'd/dns d/log d/web e/lead e/peer',
    'r2 n3 .....',
  ])
  expect((await api.get<BoardView>('/api/v1/board?group=role&role=web')).body).toMatchObject({
    counts: { active: 1, error: 1 },
    groups: [{ group: 'web', rows: 2, counts: { active: 1, error: 1 } }],
  })
})

test('what a node-role says, what nobody knows yet, and no secret of it', async () => {
  const app = `{ inputs: { os: { fact: os } }, outputs: { name: { value: node.name }, token: { sensitive: true }, port: } }`
  api = await testApi(`{ nodes: { n1: }, roles: { app: ${app} }, deployments: { d: { roles: [app] } } }`, {
    facts: () => ({ os: 'one' }),
    outcome: () => ({
      result: 'ok',
      outputs: { token: 'hunter2', port: 80 },
      filesChanged: [],
      durationMs: 1,
    }),
  })
  const since = { kind: 'run', run: 'run-1' }
  for (const path of ['/api/v1/node-roles/d/n1/app', '/api/v1/why?nodeRole=n1/app']) {
    const { body } = await api.get<WhyView>(path)
    expect(body.variant).toBe('os=one')
    expect(body.outputs).toMatchObject([
      { output: 'name', early: true, known: true, value: 'n1' },
      { output: 'token', sensitive: true, early: false, known: true, since },
      { output: 'port', value: 80, since },
    ])
    expect(JSON.stringify(body)).not.toContain('hunter2')
  }
})

test('the graphs: what is required, what goes first, what is read, what goes round', async () => {
  api = await testApi(SITE)
  const { body } = await api.get<RoleGraphView>('/api/v1/graph/roles')
  expect(body.points.map(({ id }) => id).sort()).toEqual(['d/dns', 'd/log', 'd/web', 'e/lead', 'e/peer'])
  expect(body.edges.map(shortly)).toEqual([
    'd/dns -requires-> d/web orders',
    'd/dns -reads name names-> d/web',
    'd/web -after-> d/log orders',
    'e/peer -reads said others-> e/peer circle',
  ])
  const around = await api.get<NodeRoleGraphView>('/api/v1/graph/node-roles?target=d/n1/web&depth=1')
  expect(around.body.points.map(({ id, asked }) => `${id} ${asked}`).sort()).toEqual([
    'd/n1/dns false',
    'd/n1/log false',
    'd/n1/web true',
    'd/n2/dns false',
  ])
  expect(around.body.edges.map(shortly).sort()).toEqual([
    'd/n1/dns -reads name names-> d/n1/web',
    'd/n1/dns -requires-> d/n1/web orders',
    'd/n1/web -after-> d/n1/log orders',
    'd/n2/dns -reads name names-> d/n1/web',
  ])
  const cut = await api.get<NodeRoleGraphView>('/api/v1/graph/node-roles?target=d&limit=2')
  expect(cut.body.points.length).toBe(2)
  expect(cut.body.left).toBeGreaterThan(0)
})

test('the runs of a cycle as bars, and what became of a node', async () => {
  api = await testApi(SITE)
  const { body } = await api.get<{ runs: { run: string; startedAt: number; endedAt: number }[] }>(
    '/api/v1/cycles/1/runs',
  )
  expect(body.runs.map(({ run }) => run)).toEqual(body.runs.map((_, i) => `run-${i + 1}`))
  for (const { startedAt, endedAt } of body.runs) expect(endedAt).toBeGreaterThanOrEqual(startedAt)
  const kinds: string[] = []
  let after = ''
  for (;;) {
    const page = await api.get<{ items: { event: { kind: string }; facts?: unknown }[]; next?: string }>(
      `/api/v1/nodes/n1/history?limit=2${after}`,
    )
    kinds.push(...page.body.items.map(({ event }) => event.kind))
    if (page.body.next === undefined) break
    after = `&after=${page.body.next}`
  }
  expect(kinds.slice(0, 2)).toEqual(['factsChanged', 'nodeReached'])
  expect(kinds.filter((kind) => kind === 'runFinished').length).toBe(3)
})

test('holds of a node, of what stands on it and of where it stands are of its history; those of others are not', async () => {
  api = await testApi(SITE)
  const all = ['n1', 'n2', 'd', 'd/n1/dns', 'd/n2/dns', 'd/dns']
  for (const target of all) {
    const held = await api.send('POST', '/api/v1/controls', { kind: 'hold', targets: [target], why: target })
    expect([target, held.status]).toEqual([target, 200])
  }
  const { body } = await api.get<{ items: { event: { kind: string; why?: string } }[] }>(
    '/api/v1/nodes/n1/history',
  )
  const held = body.items.flatMap(({ event }) => (event.kind === 'held' ? [event.why] : []))
  expect(held).toEqual(['n1', 'd', 'd/n1/dns', 'd/dns'])
})

test('who may read one deployment sees nothing of the others', async () => {
  const bea: Caller = {
    name: 'bea',
    may: (right, deployment) => right === 'read' && (deployment ?? 'e') === 'e',
    mayEverywhere: () => false,
  }
  const access: Access = { ...OPEN, admit: () => ({ ok: true, value: bea }) }
  const serving = await testServing()
  await serving.commit(shortSite(readShortSite(SITE)))
  await serving.rest()
  api = await apiOver(serving, access)
  const stop = new AbortController()
  const heard: string[] = []
  for await (const { event, data } of sse(`${api.url}/api/v1/events?after=0`, { signal: stop.signal })) {
    heard.push(data)
    if (event === 'states') break
  }
  const answers = [
    ...heard,
    ...(await Promise.all(
      ['node-roles', 'board', 'runs', 'graph/roles', 'graph/node-roles?target=n2', 'nodes/n2'].map(
        async (path) => JSON.stringify((await api.get(`/api/v1/${path}`)).body),
      ),
    )),
  ].join('\n')
  expect(answers).toContain('e/n2/peer')
  expect(answers).not.toContain('d/n2')
  expect(answers).not.toContain('dns')
})

function shortly({ from, to, kind, output, input, orders, circle }: GraphEdge): string {
  const what = [kind, output, input].filter((word) => word !== undefined).join(' ')
  return `${from} -${what}-> ${to}${orders ? ' orders' : ''}${circle ? ' circle' : ''}`
}
