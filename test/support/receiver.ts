// An HTTP server on loopback that keeps what it is sent and answers as a test says.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface Receiver {
  url: string
  /** All, oldest first. */
  received: Received[]
  /** Resolves when that many have come in all, with the last of them. */
  count(many: number): Promise<Received>
  /** Status, and headers where they matter; 204 until a test says otherwise. */
  answer: (received: Received) => { status: number; headers?: Record<string, string> }
  close(): Promise<void>
}

export async function receiver(): Promise<Receiver> {
  const received: Received[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      const one = { method, path, headers, body: Buffer.concat(chunks).toString() }
      received.push(one)
      const { status, headers: given } = made.answer(one)
      response.writeHead(status, given).end()
      for (const look of waiting) look()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const made: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    count: (many) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (received.length < many) return
          waiting.delete(look)
          resolve(received[many - 1] as Received)
        }
        waiting.add(look)
        look()
      }),
    answer: () => ({ status: 204 }),
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return made
}
