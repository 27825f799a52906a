// Connections on which nothing was ever asked: browsers and programs open some ahead, and no server should wait for them.
import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'

export interface Unasked {
  /** Those of now. */
  end(): void
}

export function unaskedOf(server: Server | SecureServer, isSecure: boolean): Unasked {
  const open = new Set<Socket>()
  const keep = (socket: Socket): void => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  }
  // Under TLS a request comes on the secure socket, and the bare one below it is none of ours.
  server.on(isSecure ? 'secureConnection' : 'connection', keep)
  server.on('request', ({ socket }) => open.delete(socket))
  return {
    end() {
      for (const socket of open) socket.destroy()
    },
  }
}
