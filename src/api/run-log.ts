// The log of a run over HTTP: as text up to where it is now, or as it is printed, resumed by the offset in bytes.
import { open, type FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { invalid } from './read-request.ts'
import { byteText } from './byte-text.ts'
import { STREAM_HEADERS } from './followers.ts'
import { SECURITY_HEADERS } from './headers.ts'
import type { Asked } from './route.ts'

/** Read at once; who is slow holds no more than that. */
const PIECE_BYTES = 64 * 1024
/** Between two looks at a file of a run that goes on; the end of the run is heard of at once. */
const LOOK_MS = 250

type LogAsked = Pick<Asked, 'serving' | 'live' | 'headers' | 'signal' | 'transcriptPath' | 'knock'>

export async function sendLog(
  asked: LogAsked,
  outgoing: ServerResponse,
  run: string,
  from: number | undefined,
): Promise<Answer<void>> {
  const streams = (asked.headers.get('accept') ?? '').includes('text/event-stream')
  const last = asked.headers.get('last-event-id')
  if (last !== null && !/^\d{1,15}$/.test(last))
    return refuse(invalid([{ in: 'header', place: 'last-event-id', message: 'expected an offset in bytes' }]))
  const offset = last === null ? (from ?? 0) : Number(last)
  if (streams) {
    void follow(asked, outgoing, run, offset).catch(() => outgoing.destroy())
    return answer(undefined)
  }
  const file = await openLog(asked.transcriptPath(run))
  if (!file) return refuse({ code: 'nothingThere', message: `nothing is kept of what ${run} printed` })
  try {
    outgoing.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    })
    if (outgoing.req?.method !== 'HEAD')
      for await (const piece of pieces(file, offset)) if (!(await wrote(outgoing, piece))) break
    outgoing.end()
  } finally {
    await file.close()
  }
  return answer(undefined)
}

/** Until the run is over and all of it was sent, or they have gone. */
async function follow(asked: LogAsked, outgoing: ServerResponse, run: string, from: number): Promise<void> {
  outgoing.writeHead(200, STREAM_HEADERS)
  outgoing.flushHeaders()
  if (outgoing.req?.method === 'HEAD') return void outgoing.end()
  let gone = false
  outgoing.on('close', () => {
    gone = true
    wake()
  })
  let wake = (): void => {}
  const unlisten = asked.live.listen(() => wake())
  let file: FileHandle | undefined
  let offset = from
  try {
    while (!gone) {
      const isOver = await asked.serving.ask((world) => world.runs.get(run)?.result !== 'running')
      file ??= await openLog(asked.transcriptPath(run))
      if (file)
        for await (const piece of pieces(file, offset)) {
          offset += piece.length
          if (!(await wrote(outgoing, messageOf(offset, piece)))) return
        }
      if (isOver) {
        outgoing.end(`id: ${offset}\nevent: end\ndata: {}\n\n`)
        return
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_MS)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  } finally {
    unlisten()
    await file?.close()
  }
}

function messageOf(offset: number, piece: Buffer): string {
  return `id: ${offset}\nevent: text\ndata: ${JSON.stringify({ text: byteText(piece) })}\n\n`
}

/** Pieces end where a line does, as far as they can: a character is not cut in two. */
async function* pieces(file: FileHandle, from: number): AsyncGenerator<Buffer> {
  for (let offset = from; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, offset)
    if (bytesRead === 0) return
    const whole = buffer.subarray(0, bytesRead)
    const lineEnd = whole.lastIndexOf(10)
    const piece = lineEnd >= 0 ? whole.subarray(0, lineEnd + 1) : whole
    yield piece
    offset += piece.length
  }
}

/** False when they have gone. */
async function wrote(outgoing: ServerResponse, bytes: Buffer | string): Promise<boolean> {
  if (outgoing.destroyed) return false
  if (outgoing.write(bytes)) return true
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off('drain', settle)
      outgoing.off('close', settle)
      resolve(!outgoing.destroyed)
    }
    outgoing.once('drain', settle)
    outgoing.once('close', settle)
  })
}

async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
