// The server: HTTP or TLS on an address, the routes behind it, and its end.
import { getRequestListener } from '@hono/node-server'
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http'
import { createServer as createSecureServer, type Server as HttpsServer } from 'node:https'
import type { Serving } from '../engine/serving.ts'
import { isLoopbackHost } from '../model/server-settings.ts'
import type { AnswersBook } from './answers-book.ts'
import { makeApp } from './app.ts'
import { AtOnce } from './at-once.ts'
import type { Access } from './caller.ts'
import type { Elsewhere } from './elsewhere.ts'
import { Followers } from './followers.ts'
import { Idempotency } from './idempotency.ts'
import { KnownSites } from './known-sites.ts'
import { Live } from './live.ts'
import { documentRoute } from './openapi.ts'
import { readPage } from './page-files.ts'
import { EVERY_ROUTE } from './routes/every-route.ts'
import type { DoorWatch } from '../model/door-watch.ts'
import type { Site } from '../model/site.ts'
import { type Observed, observedRoutes } from './routes/observed.ts'
import type { Route } from './route.ts'
import { unaskedOf } from './unasked.ts'
import { Uploads } from './uploads.ts'
import { watchRequest } from './watched.ts'

export interface ServerParts extends Observed {
  serving: Serving
  version: string
  /** Made up at each start. */
  instance: string
  listen: { host: string; port: number }
  access: Access
  /** Where the log of a run is, as a file. */
  transcriptPath(run: string): string
  /** As its files were when the server began. */
  site?: Site
  /** Where work is handed to runners elsewhere. */
  elsewhere?: Elsewhere
  /** Where the page was built to. */
  page?: string
  /** PEM. */
  tls?: { cert: string; key: string }
  /** What came of requests with an `Idempotency-Key`, over restarts. */
  answers?: AnswersBook
  /** Told of requests and of who listens. */
  watch?: DoorWatch
  /** A mistake of ours; said once for each. */
  onMistake(error: unknown, where: string): void
}

export interface Server {
  /** Without a slash at its end. */
  url: string
  /** The same for this machine alone: no certificate is for it. */
  local: string
  /** Tells who listens, lets answers under way go out for a while, then ends. */
  close(): Promise<void>
}

/** A head that comes in drop by drop holds no place for ever. */
const HEAD_MS = 20_000
const REQUEST_MS = 120_000
/** Answers under way get so long when the server ends. */
const GRACE_MS = 5_000

/** Throws where the address is not to be had. */
export async function startServer(parts: ServerParts): Promise<Server> {
  const { serving, version, instance, access, listen, tls } = parts
  const live = await Live.begin(serving)
  const followers = new Followers(parts.watch)
  const surroundings = {
    serving,
    live,
    followers,
    uploads: new Uploads(),
    known: new KnownSites(parts.site),
    version,
    instance,
    transcriptPath: (run: string) => parts.transcriptPath(run),
    ...(parts.elsewhere && { elsewhere: parts.elsewhere }),
  }
  const page = parts.page === undefined ? undefined : await readPage(parts.page)
  const routes: Route[] = [...EVERY_ROUTE, ...observedRoutes(parts), ...access.routes]
  routes.push(documentRoute(routes, version))
  const app = makeApp({
    surroundings,
    access,
    idempotency: new Idempotency(Date.now, undefined, parts.answers),
    atOnce: new AtOnce(),
    onMistake: (error, where) => parts.onMistake(error, where),
    routes,
    ...(page === undefined ? {} : { page }),
    secure: tls !== undefined,
  })
  const answerTo = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const listener: RequestListener = (incoming, outgoing) => {
    if (parts.watch) watchRequest(parts.watch, incoming, outgoing)
    void answerTo(incoming, outgoing)
  }
  const options = { headersTimeout: HEAD_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: 10_000 }
  const server = tls
    ? createSecureServer({ ...options, ...tls, minVersion: 'TLSv1.2' }, listener)
    : createServer(options, listener)
  const unasked = [unaskedOf(server, tls !== undefined)]
  await begin(server, listen)
  const url = urlOf(server, tls ? 'https' : 'http', listen.host)
  if (!tls && isLoopbackHost(listen.host)) return { url, local: url, close: () => close([server]) }
  const here = createServer(options, listener)
  unasked.push(unaskedOf(here, false))
  await begin(here, { host: '127.0.0.1', port: 0 })
  return { url, local: urlOf(here, 'http', '127.0.0.1'), close: () => close([server, here]) }

  async function close(servers: readonly (HttpServer | HttpsServer)[]): Promise<void> {
    const closed = servers.map((one) => new Promise<void>((resolve) => one.close(() => resolve())))
    live.close()
    followers.close()
    for (const one of servers) one.closeIdleConnections()
    for (const one of unasked) one.end()
    const grace = setTimeout(() => servers.forEach((one) => one.closeAllConnections()), GRACE_MS)
    await Promise.all(closed)
    clearTimeout(grace)
  }
}

function urlOf(server: HttpServer | HttpsServer, scheme: string, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function begin(server: HttpServer, { host, port }: ServerParts['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
