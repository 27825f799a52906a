// Followers: all who listen to events: as many as there is room for, their heartbeat, and their end.
import type { ServerResponse } from 'node:http'
import type { DoorWatch } from '../model/door-watch.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Follower } from './follower.ts'
import { SECURITY_HEADERS } from './headers.ts'

const MOST = 1_000
const BEAT_MS = 15_000

export const STREAM_HEADERS = {
  ...SECURITY_HEADERS,
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // Proxies that gather answers would gather this one for ever.
  'x-accel-buffering': 'no',
}

export class Followers {
  readonly #all = new Map<ServerResponse, Follower>()
  readonly #beat: NodeJS.Timeout
  #closing = false

  readonly #watch: DoorWatch | undefined

  constructor(watch?: DoorWatch) {
    this.#watch = watch
    this.#beat = setInterval(() => {
      for (const follower of this.#all.values()) follower.beat()
    }, BEAT_MS)
    this.#beat.unref()
  }

  get size(): number {
    return this.#all.size
  }

  /** The head of the answer goes out first, then whatever the follower has to say. */
  add(outgoing: ServerResponse, begin: () => Follower): Answer<void> {
    if (this.#closing) return refuse({ code: 'notServing', message: 'the server is about to end' })
    if (this.#all.size >= MOST)
      return refuse({ code: 'notServing', message: `${MOST} listen to events already` })
    outgoing.writeHead(200, STREAM_HEADERS)
    if (outgoing.req?.method === 'HEAD') {
      outgoing.end()
      return answer(undefined)
    }
    outgoing.flushHeaders()
    this.#watch?.stream('opened')
    this.#all.set(outgoing, begin())
    outgoing.on('close', () => {
      this.#all.delete(outgoing)
      this.#watch?.stream('closed')
    })
    return answer(undefined)
  }

  /** One was too slow, and is let go. */
  dropped(): void {
    this.#watch?.stream('dropped')
  }

  /** One has been written what happened at that time. */
  wrote(at: number): void {
    this.#watch?.streamed(Date.now() - at)
  }

  /** They are told when to come again, and let go. */
  close(): void {
    this.#closing = true
    clearInterval(this.#beat)
    for (const [outgoing, follower] of this.#all) {
      outgoing.write('retry: 2000\nevent: closing\ndata: {}\n\n')
      follower.end()
    }
  }
}
