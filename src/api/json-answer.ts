// An answer in JSON; a large one is packed where whoever asks can unpack it.
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'

const packed = promisify(gzip)

/** Below that, packing costs more than it spares. */
const LARGE = 32 * 1024

export async function jsonAnswer(
  value: unknown,
  status: number,
  headers: Headers,
  etag?: string,
): Promise<Response> {
  const text = JSON.stringify(value ?? null)
  const answered = new Headers({
    'content-type': 'application/json',
    ...(etag === undefined ? {} : { etag }),
  })
  if (text.length < LARGE) return new Response(text, { status, headers: answered })
  answered.set('vary', 'accept-encoding')
  if (!/\bgzip\b/.test(headers.get('accept-encoding') ?? ''))
    return new Response(text, { status, headers: answered })
  answered.set('content-encoding', 'gzip')
  // In a thread of its own: the engine goes on meanwhile.
  const bytes = await packed(text, { level: constants.Z_BEST_SPEED })
  return new Response(new Uint8Array(bytes), { status, headers: answered })
}
