// Whether a request was made by a page of somebody else: asked of whatever changes something with a cookie, and of names.
import { isLoopbackName } from './address.ts'

export interface Origins {
  /** The address under which people know the server, where one is set. */
  url?: string | undefined
  /** It listens on loopback only: then no other name leads here. */
  loopbackOnly: boolean
}

interface Asked {
  method: string
  headers: Headers
  secure: boolean
}

/**
 * Only the browser writes these two headers, no page can. `same-origin` is a page of ours; a browser that does not know
 * `Sec-Fetch-Site` sends `Origin` with whatever is not a GET. Neither of them: no browser of today, and then no cookie.
 */
export function isCrossSite({ method, headers, secure }: Asked, { url }: Origins): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin'
  const origin = headers.get('origin')
  if (origin === null) return true
  const own = `${secure ? 'https' : 'http'}://${headers.get('host') ?? ''}`
  return origin !== own && (url === undefined || origin !== new URL(url).origin)
}

/** A name of somebody else that leads to us (DNS rebinding) makes a page of theirs one of ours, for the browser. */
export function isForeignName({ headers }: Pick<Asked, 'headers'>, { url, loopbackOnly }: Origins): boolean {
  const host = headers.get('host') ?? ''
  if (isLoopbackName(nameIn(host))) return false
  if (url !== undefined) return host !== new URL(url).host
  return loopbackOnly
}

function nameIn(host: string): string {
  return host.replace(/:\d+$/, '')
}
