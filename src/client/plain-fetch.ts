// A request as `fetch` makes it, by the HTTP that Node has at hand: `fetch` itself takes longer to load than a short command has.
import type { IncomingMessage } from 'node:http'
import type { Fetch, Fetched } from './request.ts'

export const plainFetch: Fetch = async (address, init) => {
  const url = new URL(address)
  // As an import all of it would be loaded, and `fetch` with it.
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  const { method = 'GET', headers, body, signal } = init
  const bytes = body === undefined || body === null ? undefined : Buffer.from(body as string | Uint8Array)
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(
      url,
      {
        method,
        headers: {
          ...(headers as Record<string, string> | undefined),
          ...(bytes && { 'content-length': String(bytes.length) }),
        },
        ...(signal && { signal }),
      },
      resolve,
    )
    asked.on('error', reject)
    asked.end(bytes)
  })
  return fetched(incoming)
}

function fetched(incoming: IncomingMessage): Fetched {
  const status = incoming.statusCode ?? 0
  // Not by `for await`, whose machinery is run through for the first time and for a few bytes.
  const whole = (): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const parts: Uint8Array[] = []
      incoming.on('data', (part: Uint8Array) => parts.push(part))
      incoming.once('end', () => resolve(Buffer.concat(parts)))
      incoming.once('error', reject)
      incoming.once('close', () => reject(new Error('the answer ended in the middle')))
    })
  const text = async (): Promise<string> => (await whole()).toString()
  return {
    ok: status >= 200 && status < 300,
    status,
    body: incoming,
    text,
    json: async () => JSON.parse(await text()) as unknown,
    arrayBuffer: async () => Uint8Array.from(await whole()).buffer,
  }
}
