// One request to a server of ours: what comes back is an answer or a refusal, never an exception for what a server says.
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'

export interface Connection {
  /** Without a slash at its end. */
  url: string
  /** A bearer token; in a browser its cookie does. */
  token?: string
  /** Who asks, where the token is the key of the site's owner. */
  by?: string
  /** Instead of the `fetch` that is there. */
  fetch?: Fetch
}

/** What of `fetch` is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Fetched>

export interface Fetched extends Pick<Response, 'ok' | 'status' | 'text' | 'json' | 'arrayBuffer'> {
  body: AsyncIterable<Uint8Array> | null
}

/** `path` begins with a slash, e.g. `/api/v1/status`. Refuses with `noServer` where nobody answers, or nobody of ours. */
export async function request<T>(connection: Connection, path: string, init: Asked = {}): Promise<Answer<T>> {
  try {
    const response = await send(connection, path, init)
    if (!response.ok) return refuse(await refusalIn(response))
    const text = await response.text()
    return answer((text === '' ? undefined : JSON.parse(text)) as T)
  } catch (error) {
    return refuse(noServer(connection, error))
  }
}

/** What stands there, as bytes. */
export async function bytesAt(connection: Connection, path: string): Promise<Answer<Uint8Array>> {
  try {
    const response = await send(connection, path, { headers: { accept: 'text/plain' } })
    if (!response.ok) return refuse(await refusalIn(response))
    return answer(new Uint8Array(await response.arrayBuffer()))
  } catch (error) {
    return refuse(noServer(connection, error))
  }
}

/** Throws where nobody answers. */
export function send(connection: Connection, path: string, init: Asked = {}): Promise<Fetched> {
  const { url, token, by, fetch: ask = fetch as Fetch } = connection
  const headers = {
    ...init.headers,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(by !== undefined && { 'x-anneal-by': encodeURIComponent(by) }),
  }
  return ask(url + path, { ...init, headers })
}

/** `Headers` would have to be loaded. */
export type Asked = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> }

export function jsonInit(
  method: 'POST' | 'PUT' | 'DELETE',
  body: unknown,
): Asked & { headers: Record<string, string> } {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** Without what is undefined; a list is the same name several times. */
export function searchOf(asked: Record<string, string | number | readonly string[] | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(asked)) {
    if (Array.isArray(value)) for (const one of value as readonly string[]) search.append(name, one)
    else if (value !== undefined) search.append(name, String(value))
  }
  return search.toString()
}

/** What HTTP says of a refusal beside what it is. */
const OF_HTTP = ['type', 'title', 'status', 'detail', 'next']

export async function refusalIn(response: Pick<Fetched, 'json' | 'status'>): Promise<Refusal> {
  const told = (await response.json()) as Record<string, unknown> | null
  if (typeof told?.['code'] !== 'string')
    throw new Error(`it answers ${response.status}, and not in words of Anneal`)
  for (const key of OF_HTTP) delete told[key]
  return { message: told['code'], ...told } as unknown as Refusal
}

export function noServer({ url }: Connection, error: unknown): Refusal {
  const { message, cause } = error as Error
  const why = cause instanceof Error && cause.message !== '' ? cause.message : message
  return { code: 'noServer', message: `no answer of a server at ${url}: ${why}` }
}
