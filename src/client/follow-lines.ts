// Follows what a request sets going on a server: lines of JSON as it happens, the answer as the last one.
import type { FollowedLine } from '../model/followed-line.ts'
import { type Answer, refuse } from '../model/refusal.ts'
import { jsonLinesOf } from './json-lines-of.ts'
import { type Connection, jsonInit, noServer, refusalIn, send } from './request.ts'

/** A server says every 15 s that it is alive. */
const SILENCE_MOST_MS = 60_000

export interface Following {
  path: string
  body: unknown
  /** Aborting goes away: the server goes on. */
  signal?: AbortSignal
  hear: (line: FollowedLine) => void
}

export async function followLines<T>(
  connection: Connection,
  { path, body, signal, hear }: Following,
): Promise<Answer<T>> {
  const silent = new AbortController()
  const over = signal === undefined ? silent.signal : AbortSignal.any([signal, silent.signal])
  const init = jsonInit('POST', body)
  const headers = { ...(init.headers as Record<string, string>), accept: 'application/x-ndjson' }
  let timer: ReturnType<typeof setTimeout> | undefined
  const watch = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => silent.abort(new Error('it said nothing for a minute')), SILENCE_MOST_MS)
  }
  try {
    const response = await send(connection, path, { ...init, headers, signal: over })
    if (!response.ok) return refuse(await refusalIn(response))
    watch()
    for await (const line of jsonLinesOf<FollowedLine>(response)) {
      watch()
      if ('answer' in line) return line.answer as Answer<T>
      hear(line)
    }
    throw new Error('it went away before it had answered; what was asked for may be under way')
  } catch (error) {
    return refuse(noServer(connection, over.aborted && !signal?.aborted ? over.reason : error))
  } finally {
    clearTimeout(timer)
  }
}
