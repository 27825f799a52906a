// The app: all routes under their paths, what is at none of them, and the document that describes them.
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { nearest } from '../base/nearest.ts'
import { dispatch, type DispatchParts } from './dispatch.ts'
import { SECURITY_HEADERS, TRANSPORT_HEADER } from './headers.ts'
import { codeOf, problemOf } from './problem.ts'
import type { Route } from './route.ts'
import { learn } from './watched.ts'

export interface AppParts extends DispatchParts {
  routes: readonly Route[]
  /** What is no route: files of the page, where there is one. */
  page?: (path: string, request: Request) => Promise<Response | undefined>
  secure: boolean
}

export type App = Hono<{ Bindings: HttpBindings }>

export function makeApp(parts: AppParts): App {
  const app: App = new Hono()
  app.use(async (c, next) => {
    await next()
    const { headers } = c.res
    const code = codeOf(c.res)
    if (code !== undefined) learn(c.env.incoming, { code })
    if (headers.get('x-hono-already-sent') !== null) return
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) headers.set(name, value)
    if (parts.secure) headers.set(...TRANSPORT_HEADER)
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  })
  for (const [path, routes] of byPath(parts.routes))
    app.all(path.replace(/\{(\w+)\}/g, ':$1'), (c) => dispatch(parts, routes, c))
  app.notFound(async (c) => {
    const { path, method } = c.req
    const reads = method === 'GET' || method === 'HEAD'
    const page = reads && !isApi(path) ? await parts.page?.(path, c.req.raw) : undefined
    return page ?? problemOf(unknownPath(path, parts.routes))
  })
  app.onError((error, c) => {
    parts.onMistake(error, `${c.req.method} ${c.req.path}`)
    return problemOf({ code: 'internal', message: 'something went wrong in here' })
  })
  return app
}

function byPath(routes: readonly Route[]): Map<string, Map<string, Route>> {
  const found = new Map<string, Map<string, Route>>()
  for (const route of routes) {
    const there = found.get(route.path) ?? new Map<string, Route>()
    there.set(route.method, route)
    found.set(route.path, there)
  }
  return found
}

function isApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/')
}

function unknownPath(path: string, routes: readonly Route[]): Parameters<typeof problemOf>[0] {
  const shown = path.slice(0, 200)
  const meant = nearest(
    shown,
    routes.map((route) => route.path),
  )
  const message = `there is nothing at ${shown}`
  return { code: 'unknownPath', message, ...(meant === undefined ? {} : { nearest: meant }) }
}
