// The server: HTTP on an address, the routes behind it, and its end.
import { serve, type ServerType } from '@hono/node-server'
import { Hono } from 'hono'
import type { Serving } from '../engine/serving.ts'

export interface ServerParts {
  serving: Serving
  version: string
  listen: { host: string; port: number }
}

export interface Server {
  /** Without a slash at its end. */
  url: string
  close(): Promise<void>
}

export async function startServer(parts: ServerParts): Promise<Server> {
  const app = new Hono()
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/version', (c) => c.json({ version: parts.version }))
  const { listen } = parts
  const server = await new Promise<ServerType>((listening) => {
    const made = serve({ fetch: app.fetch, hostname: listen.host, port: listen.port }, () => listening(made))
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : listen.port
  return {
    url: `http://${listen.host}:${port}`,
    close: () => new Promise((closed) => server.close(() => closed())),
  }
}
