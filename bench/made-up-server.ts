// A made-up server for the page alone: any number of nodes and roles, any number of changes a second, the API's own shapes.
import { createServer, type ServerResponse } from 'node:http'
import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { BOARD_LETTERS } from '../src/model/board.ts'
import { type Reason, type State, STATES } from '../src/model/reason.ts'
import type { NodeRoleView } from '../src/model/view.ts'

const LETTERS = STATES.map((state) => BOARD_LETTERS[state]).join('')
const DIST = join(import.meta.dirname, '..', 'web', 'dist')
const TICK_MS = 20

export interface MadeUp {
  url: string
  /** State of the first cell of all, as it was set last, with the moment. */
  flips: { at: number; state: State }[]
  close(): void
}

/** `perSecond` changes at random cells, and the first cell flipped each `flipMs`, by which a page can be measured. */
export async function madeUpServer(options: {
  nodes: number
  roles: number
  perSecond: number
  flipMs: number
  port?: number
}): Promise<MadeUp> {
  const columns = Array.from({ length: options.roles }, (_, i) => ({
    deployment: DEPLOYMENTS[Math.floor((i * DEPLOYMENTS.length) / options.roles)] as string,
    role: ROLES[i % ROLES.length] + (i < ROLES.length ? '' : `-${Math.floor(i / ROLES.length)}`),
  }))
  const nodes = Array.from({ length: options.nodes }, (_, i) => `n${String(i + 1).padStart(5, '0')}`)
  const dice = diceOf(7)
  const cells = new Uint8Array(nodes.length * columns.length).map(() => drawn(dice()))
  const streams = new Set<ServerResponse>()
  const flips: { at: number; state: State }[] = []
  let seq = 1_000

  const viewOf = (at: number): NodeRoleView => {
    const { deployment, role } = columns[at % columns.length] as { deployment: string; role: string }
    const node = nodes[Math.floor(at / columns.length)] as string
    const state = STATES[cells[at] as number] as State
    return {
      id: `${deployment}/${node}/${role}`,
      deployment,
      node,
      role,
      state,
      reason: reasonOf(state, node),
      leaving: false,
    }
  }
  const tell = (changed: number[]): void => {
    seq += changed.length
    const data = JSON.stringify({ seq, changed: changed.map(viewOf), gone: [] })
    for (const stream of streams) stream.write(`event: states\ndata: ${data}\n\n`)
  }
  let owed = 0
  const ticking = setInterval(() => {
    owed += (options.perSecond * TICK_MS) / 1_000
    const count = Math.floor(owed)
    owed -= count
    if (count === 0) return
    const changed = Array.from({ length: count }, () => 1 + Math.floor(dice() * (cells.length - 1)))
    for (const at of changed) cells[at] = drawn(dice())
    tell([...new Set(changed)])
  }, TICK_MS)
  const flipping = setInterval(() => {
    cells[0] = cells[0] === 3 ? 4 : 3
    flips.push({ at: Date.now(), state: STATES[cells[0]] as State })
    tell([0])
  }, options.flipMs)

  const counts = (): Record<string, number> => {
    const all: Record<string, number> = {}
    for (const cell of cells) all[STATES[cell] as State] = (all[STATES[cell] as State] ?? 0) + 1
    return all
  }
  const answers: Record<string, (url: URL) => unknown> = {
    '/api/v1/me': () => ({
      name: 'made-up',
      grants: [{ role: 'admin' }],
    }),
    '/api/v1/status': () => ({
      site: 'made-up',
      revision: 3,
      atRest: false,
      ready: false,
      temperature: 0.1,
      remains: 'nothing',
      holds: [],
      counts: counts(),
      roles: [],
      rollouts: [],
      seq,
    }),
    '/api/v1/board': () => ({
      seq,
      columns,
      site: 'made-up',
      revision: 3,
      letters: BOARD_LETTERS,
      rows: nodes.map((node, row) => {
        let own = ''
        for (let i = 0; i < columns.length; i++) own += LETTERS[cells[row * columns.length + i] as number]
        return { node, group: `rack-${String(Math.floor(row / 40) + 1).padStart(3, '0')}`, cells: own }
      }),
      counts: counts(),
    }),
    '/api/v1/node-roles': (url) => {
      const wanted = STATES.indexOf(url.searchParams.get('state') as State)
      const most = Number(url.searchParams.get('limit') ?? 100)
      const items: NodeRoleView[] = []
      for (let at = 0; at < cells.length && items.length < most; at++)
        if (cells[at] === wanted) items.push(viewOf(at))
      return { items }
    },
    '/api/v1/cycles': () => ({ items: [] }),
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://made.up')
    if (url.pathname === '/api/v1/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      response.write(': hello\n\n')
      streams.add(response)
      response.on('close', () => streams.delete(response))
      return
    }
    const answer = answers[url.pathname]
    if (answer !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer(url)))
      return
    }
    if (url.pathname.startsWith('/api/')) {
      response.writeHead(404, { 'content-type': 'application/problem+json' })
      response.end(
        JSON.stringify({ code: 'notFound', detail: 'the made-up server has no such thing', status: 404 }),
      )
      return
    }
    const file = join(DIST, url.pathname)
    const path = extname(url.pathname) !== '' && existsSync(file) ? file : join(DIST, 'index.html')
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' })
    response.end(readFileSync(path))
  })
  await new Promise<void>((listening) => server.listen(options.port ?? 0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    flips,
    close() {
      clearInterval(ticking)
      clearInterval(flipping)
      for (const stream of streams) stream.end()
      server.close()
    },
  }
}

const DEPLOYMENTS = ['base', 'platform', 'storage', 'edge']
const ROLES = [
  'hosts-file',
  'time-zone',
  'users',
  'sysctl',
  'apt-packages',
  'ntp',
  'openssl',
  'ca',
  'certificate-request',
  'container-runtime',
  'kubelet',
  'cni',
  'etcd',
  'etcd-tls',
  'ceph-osd',
  'ceph-mon',
  'haproxy',
  'dns',
  'metrics-agent',
  'log-shipper',
]
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

function drawn(dice: number): number {
  if (dice < 0.88) return 4
  if (dice < 0.92) return 5
  if (dice < 0.955) return 1
  if (dice < 0.985) return 2
  return 3
}

function reasonOf(state: State, node: string): Reason {
  const cause = { kind: 'new' } as const
  if (state === 'active') return { kind: 'current' }
  if (state === 'transition')
    return { kind: 'running', run: 'run-1', action: 'apply', since: Date.now(), cause }
  if (state === 'blocked') return { kind: 'neverReached', node }
  if (state === 'error')
    return { kind: 'failed', run: 'run-1', attempts: 3, message: 'exit 1: no space left on device', tail: '' }
  return { kind: 'waits', wait: { kind: 'turn' }, cause }
}

/** mulberry32: small, even, and the same each time. */
function diceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
