// The port of controls as a Unix socket beside the journal: one JSON line in, one JSON line out, for its owner alone.
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Json } from '../base/json.ts'
import type { Controlled } from '../model/control.ts'
import type { Answer } from '../model/refusal.ts'
import { type ControlPort, type Listening, type Obey, readControlMessage } from './control-port.ts'

/** Longer paths are cut by the kernel: 104 bytes on BSD and macOS, 108 on Linux, each with the closing zero. */
const PATH_MOST = 103
const LINE_MOST = 256 * 1024
const PATIENCE_MS = 5_000
/** The disk under the journal may be slow. */
const PATIENCE_FOR_ANSWER_MS = 60_000
const CONNECTIONS_MOST = 16

export function controlSocket(stateDirectory: string): ControlPort {
  const place = placeOf(resolve(stateDirectory))
  return {
    async listen(obey, notice) {
      try {
        place.prepare()
        // We have the writer's lock: whoever left it is gone.
        rmSync(place.path, { force: true })
        return await listening(place.path, obey)
      } catch (error) {
        notice(`other commands cannot reach this one: ${messageOf(error)}`)
        return { close: async () => {} }
      }
    },
    ask: (message) => asked(place.path, `${JSON.stringify(message)}\n`),
  }
}

/** Beside the journal; where that path is too long, in a directory of our own under the temporary one. */
function placeOf(directory: string): { path: string; prepare(): void } {
  const beside = join(directory, 'control.sock')
  if (Buffer.byteLength(beside) <= PATH_MOST) return { path: beside, prepare() {} }
  const own = join(tmpdir(), `anneal-${process.getuid?.() ?? 0}`)
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 24)
  return { path: join(own, `${name}.sock`), prepare: () => makeOwn(own) }
}

/** Somebody else may have made it first, to be asked in our place. */
function makeOwn(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(directory)
  const isOurs = uid === process.getuid?.() && (mode & 0o170077) === 0o040000
  if (!isOurs) throw new Error(`${directory} is not a directory for us alone (mode 0700)`)
}

async function listening(path: string, obey: Obey): Promise<Listening> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    void serve(socket, obey)
  })
  server.maxConnections = CONNECTIONS_MOST
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    // The socket is made before `listen` returns, and never for others to connect to.
    const before = process.umask(0o177)
    server.listen(path, done)
    process.umask(before)
  })
  // Nothing waits for controls: the process ends when its work does.
  server.unref()
  return {
    async close() {
      for (const socket of sockets) socket.destroySoon()
      await new Promise((done) => server.close(done))
    },
  }
}

async function serve(socket: Socket, obey: Obey): Promise<void> {
  const line = await oneLine(socket, PATIENCE_MS)
  if (line === undefined) return void socket.destroy()
  const message = readControlMessage(parsed(line))
  const given = message.ok ? await obey(message.value) : message
  socket.end(`${JSON.stringify(given)}\n`)
}

async function asked(path: string, line: string): Promise<Answer<Controlled> | undefined> {
  const socket = createConnection(path)
  socket.on('connect', () => socket.end(line))
  const told = await oneLine(socket, PATIENCE_FOR_ANSWER_MS)
  socket.destroy()
  const given = told === undefined ? undefined : parsed(told)
  return isAnswer(given) ? given : undefined
}

/** Undefined where none came in time, or none of a decent length. */
function oneLine(socket: Socket, patienceMs: number): Promise<string | undefined> {
  return new Promise((done) => {
    const pieces: Buffer[] = []
    let length = 0
    const over = (line?: string): void => {
      // What comes behind the line is not kept.
      socket.off('data', take).resume()
      done(line)
    }
    socket.setTimeout(patienceMs, () => over())
    socket.on('error', () => over())
    socket.on('close', () => over())
    socket.on('end', () => over())
    socket.on('data', take)

    function take(piece: Buffer): void {
      pieces.push(piece)
      length += piece.length
      if (length > LINE_MOST) over()
      else if (piece.includes(0x0a)) over(Buffer.concat(pieces).toString().split('\n')[0])
    }
  })
}

function parsed(line: string): Json {
  try {
    return JSON.parse(line) as Json
  } catch {
    return null
  }
}

/** Of a process of ours, maybe of another version. */
function isAnswer(given: unknown): given is Answer<Controlled> {
  return (
    typeof given === 'object' && given !== null && 'ok' in given && ('value' in given || 'refusal' in given)
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
