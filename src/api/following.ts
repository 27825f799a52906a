// Following over HTTP: what a request sets going as lines of JSON, as it happens, its answer last; who goes away stops following.
import type { FollowedLine } from '../model/followed-line.ts'
import type { AnnealRequest, Feed, UpResult } from '../model/operations.ts'
import { type Answer, answer } from '../model/refusal.ts'
import type { StatusView } from '../model/view.ts'
import type { Caller } from './caller.ts'
import { SECURITY_HEADERS } from './headers.ts'
import type { Asked, Http } from './route.ts'

export const LINES_TYPE = 'application/x-ndjson'

/** Who reads so much slower than it happens is let go. */
const BEHIND_MOST = 32 * 1024 * 1024
const ALIVE_EVERY_MS = 15_000

export interface Lines {
  write: (line: FollowedLine) => void
  /** Aborted when nobody reads any more. */
  signal: AbortSignal
}

/** A refusal before anything was told is answered as any other is; from then on it is the last line. */
export async function following<T>(
  http: Http,
  work: (lines: Lines) => Promise<Answer<T>>,
): Promise<Answer<void>> {
  const { outgoing } = http
  const away = new AbortController()
  outgoing.once('close', () => away.abort())
  const write = (line: FollowedLine): void => {
    if (!outgoing.headersSent)
      outgoing.writeHead(200, {
        ...SECURITY_HEADERS,
        'content-type': LINES_TYPE,
        'cache-control': 'no-store',
      })
    outgoing.write(`${JSON.stringify(line)}\n`)
    if (outgoing.writableLength > BEHIND_MOST) outgoing.destroy()
  }
  const alive = setInterval(() => write({ alive: true }), ALIVE_EVERY_MS)
  try {
    const given = await work({ write, signal: away.signal })
    if (!given.ok && !outgoing.headersSent) return given
    write({ answer: given })
    outgoing.end()
    return answer(undefined)
  } finally {
    clearInterval(alive)
  }
}

/** To rest, for who asked; of what they may see. */
export function requestOf({ caller }: Pick<Asked, 'caller'>, { write, signal }: Lines): AnnealRequest {
  const onFeed = (feed: Feed): void => {
    const seen = feedFor(caller, feed)
    if (seen) write({ feed: seen })
  }
  return { by: caller.name, onFeed, signal, stay: false }
}

export function resultFor(caller: Caller, result: UpResult): UpResult {
  if (caller.mayEverywhere('read')) return result
  const runs = result.runs.filter(({ nodeRole }) => maySee(caller, nodeRole))
  return { ...result, runs, status: statusFor(caller, result.status) }
}

function feedFor(caller: Caller, feed: Feed): Feed | undefined {
  if (caller.mayEverywhere('read')) return feed
  switch (feed.kind) {
    case 'status':
      return { ...feed, status: statusFor(caller, feed.status) }
    case 'nodeRole':
      return maySee(caller, feed.after.id) ? feed : undefined
    case 'run':
      return maySee(caller, feed.run.nodeRole) ? feed : undefined
    case 'gone':
    case 'drift':
      return maySee(caller, feed.nodeRole) ? feed : undefined
    case 'node':
    case 'refused':
    case 'notice':
      return feed
  }
}

function statusFor(caller: Caller, status: StatusView): StatusView {
  return { ...status, nodeRoles: status.nodeRoles.filter(({ id }) => maySee(caller, id)) }
}

function maySee(caller: Caller, nodeRole: string): boolean {
  return caller.may('read', nodeRole.slice(0, nodeRole.indexOf('/')))
}
