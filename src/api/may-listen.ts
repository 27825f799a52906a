// Whether an address is to be had: asked before anything is begun that nobody could reach.
import { createServer } from 'node:net'
import { type Answer, answer, refuse } from '../model/refusal.ts'

export async function mayListen({ host, port }: { host: string; port: number }): Promise<Answer<void>> {
  const server = createServer()
  try {
    await new Promise<void>((done, failed) => {
      server.once('error', failed)
      server.listen({ host, port, exclusive: true }, done)
    })
    await new Promise((done) => server.close(done))
    return answer(undefined)
  } catch (error) {
    return refuse({ code: 'cannotListen', message: whyNot(host, port, error as NodeJS.ErrnoException) })
  }
}

function whyNot(host: string, port: number, { code, message }: NodeJS.ErrnoException): string {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  switch (code) {
    case 'EADDRINUSE':
      return `another process listens on ${address} already`
    case 'EACCES':
      return `${address} is not for this user: ports below 1024 want more rights`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine`
    default:
      return `${address} cannot be listened on: ${message}`
  }
}
