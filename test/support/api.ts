// A real server over a site that is simulated, and questions to it as JSON.
import type { Access } from '../../src/api/caller.ts'
import { startServer, type Server, type ServerParts } from '../../src/api/server.ts'
import type { Instant } from './instant-runner.ts'
import { OPEN } from './open-access.ts'
import { testServing, type TestServing } from './serving.ts'
import { readShortSite, shortSite } from './short-site.ts'

export interface TestApi {
  serving: TestServing
  server: Server
  url: string
  /** What went wrong in there; stays empty. */
  mistakes: unknown[]
  get<T = unknown>(path: string, headers?: Record<string, string>): Promise<Told<T>>
  send<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Told<T>>
  close(): Promise<void>
}

export interface Told<T> {
  status: number
  headers: Headers
  body: T
}

export const SMALL = `
nodes: { n1: { tier: data, rack: r1 }, n2: { rack: r2 } }
roles:
  dns: { inputs: { zone: lab, key: { default: s3cret, sensitive: true } }, outputs: { name: { value: node.name } } }
  web: { requires: [dns], inputs: { names: { from: dns.name, take: map } } }
deployments: { d: { nodes: "true", roles: [dns, web] } }
`

export async function testApi(
  site: string = SMALL,
  instant: Instant = {},
  more: Partial<ServerParts> = {},
): Promise<TestApi> {
  const serving = await testServing(instant)
  await serving.commit(shortSite(readShortSite(site)))
  if (!instant.started) await serving.rest()
  return apiOver(serving, OPEN, more)
}

/** Behind this access; whoever comes may do everything where none is given. */
export async function apiOver(
  serving: TestServing,
  access: Access = OPEN,
  more: Partial<ServerParts> = {},
): Promise<TestApi> {
  const mistakes: unknown[] = []
  const server = await startServer({
    serving,
    version: '0.0.0',
    instance: 'a test',
    listen: { host: '127.0.0.1', port: 0 },
    access,
    transcriptPath: (run) => `/nowhere/${run}.log`,
    onMistake: (error) => void mistakes.push(error),
    ...more,
  })
  const ask = async <T>(path: string, init: RequestInit): Promise<Told<T>> => {
    const again = (): Promise<Response> => fetch(server.url + path, init)
    // While this process was busy the server may have closed a connection that fetch takes for a good one.
    const response = await (init.method === undefined ? again().catch(again) : again())
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as T,
    }
  }
  return {
    serving,
    server,
    url: server.url,
    mistakes,
    get: (path, headers = {}) => ask(path, { headers }),
    send: (method, path, body, headers = {}) =>
      ask(path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    async close() {
      await server.close()
      await serving.close()
    },
  }
}
