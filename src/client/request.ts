// One request to a server of ours: what comes back is an answer or a refusal, never an exception for what a server says.
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'

export interface Connection {
  /** Without a slash at its end. */
  url: string
  /** A bearer token; in a browser its cookie does. */
  token?: string
}

/** `path` begins with a slash, e.g. `/api/v1/status`. Throws where nobody answers. */
export async function request<T>(
  connection: Connection,
  path: string,
  init: RequestInit = {},
): Promise<Answer<T>> {
  const headers = new Headers(init.headers)
  if (connection.token !== undefined) headers.set('authorization', `Bearer ${connection.token}`)
  const response = await fetch(connection.url + path, { ...init, headers })
  const body: unknown = await response.json()
  return response.ok ? answer(body as T) : refuse(body as Refusal)
}
