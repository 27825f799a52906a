// A port of this machine that nobody listens on, and that nobody is given by chance before it is used, or while its server is away.
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below those that the kernel hands out: there another test's connection, or that of a client which comes again and again to
 * the very port, could have it in between.
 */
const [FIRST, COUNT] = [12_000, 18_000]

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    const server = createServer()
    const listens = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!listens) continue
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error('every port that was tried is taken')
}
