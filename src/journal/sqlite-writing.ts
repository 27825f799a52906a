// Who writes: this thread for the first few commits of a session, a thread of its own from then on.
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { textOf } from './sqlite-errors.ts'
import type { Load, Text } from './load.ts'
import type { Order, Reply, Start } from './sqlite-protocol.ts'
import { openWritingEnd, type WritingEnd } from './sqlite-writing-end.ts'

/** Starting a thread takes some 50 ms: a session that finds nothing to do should not pay for one. */
export const DIRECT_COMMITS = 4

export class SqliteWriting {
  readonly #start: Start
  readonly #directCommits: number
  #commits = 0
  #direct: WritingEnd | undefined
  #thread: Thread | undefined
  #threadOpen = false

  /** From the commit after `directCommits` on a thread is started; with 0 it is waited for. */
  constructor(start: Start, directCommits: number) {
    this.#start = start
    this.#directCommits = directCommits
  }

  /** Why it was not written, or undefined when it was. One at a time. */
  async write(load: Load): Promise<string | undefined> {
    if (++this.#commits > this.#directCommits) this.#thread ??= new Thread()
    if (this.#directCommits === 0) await this.#thread?.started
    if (!this.#thread?.isReady) {
      // So that who appends in a loop leaves room for others, and for the thread to say that it is ready.
      await new Promise(setImmediate)
      return this.#writeHere(load)
    }
    const fault = this.#threadOpen ? undefined : await this.#handOver(this.#thread)
    return fault ?? (await this.#thread.ask({ kind: 'write', load: inBytes(load) })).fault
  }

  #writeHere(load: Load): string | undefined {
    try {
      this.#direct ??= openWritingEnd(this.#start)
      this.#direct.write(load)
      this.#direct.checkpointWhenIdle()
      return undefined
    } catch (error) {
      return textOf(error)
    }
  }

  async #handOver(thread: Thread): Promise<string | undefined> {
    const start = { ...this.#start, ...this.#direct?.end() }
    this.#direct?.close(false)
    this.#direct = undefined
    this.#threadOpen = true
    return (await thread.ask({ kind: 'open', start })).fault
  }

  async close(): Promise<void> {
    this.#direct?.close(true)
    if (this.#threadOpen) await this.#thread?.ask({ kind: 'close' })
    await this.#thread?.end()
  }
}

const encoder = new TextEncoder()

/** Texts would be copied on their way to the thread, and made bytes there. */
function inBytes(load: Load): Load {
  const inItsBytes = <T extends { text: Text }>(one: T): T =>
    typeof one.text === 'string' ? { ...one, text: encoder.encode(one.text) } : one
  return { ...load, batches: load.batches.map(inItsBytes), parts: load.parts.map(inItsBytes) }
}

/** Blobs are the caller's and stay here. */
function buffersOf({ batches, parts }: Load): ArrayBuffer[] {
  return [...batches, ...parts].flatMap(({ text }) => (typeof text === 'string' ? [] : text.buffer))
}

class Thread {
  isReady = false
  /** When it is ready, or will never be. */
  readonly started: Promise<void>
  readonly #worker: Worker
  #dead: string | undefined
  #waiting: ((reply: Reply) => void) | undefined

  constructor() {
    const script = new URL(`./sqlite-thread${extname(import.meta.url)}`, import.meta.url)
    this.#worker = new Worker(script, { execArgv: [], name: 'journal' })
    this.#worker.on('error', (error) => this.#die(`its writing thread failed (${textOf(error)})`))
    this.#worker.on('exit', () => this.#die('its writing thread has ended'))
    this.#worker.on('message', (reply: Reply) => this.#answer(reply))
    this.started = new Promise((resolve) => {
      this.#waiting = () => {
        this.isReady = true
        this.#worker.unref()
        resolve()
      }
    })
  }

  async ask(order: Order): Promise<Reply> {
    if (this.#dead !== undefined) return { fault: this.#dead }
    this.#worker.ref()
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting = resolve
      this.#worker.postMessage(order, order.kind === 'write' ? buffersOf(order.load) : [])
    })
    this.#worker.unref()
    return reply
  }

  async end(): Promise<void> {
    this.#waiting = undefined
    this.#worker.ref()
    await this.#worker.terminate()
  }

  #answer(reply: Reply): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(reply)
  }

  #die(why: string): void {
    this.#dead ??= why
    this.#answer({ fault: why })
  }
}
