// Connections by node: opened once, kept, opened again when lost or when the node's address has changed.
import { canonical } from '../base/canonical.ts'
import { formatDuration } from '../base/duration.ts'
import { Gate } from '../base/gate.ts'
import type { Json } from '../base/json.ts'
import type { NodeAddress, NodeFault } from '../model/run.ts'
import type { Session } from '../model/work.ts'
import type { Opened, Transport } from '../transports/transport.ts'

export interface ConnectionOptions {
  transports: readonly Transport[]
  connectTimeoutMs: number
  /** Logins at once: each costs about 0.1 s of CPU at both ends. */
  logins: number
  /** A login that takes longer is told of and makes room for others: it waits, and waiting costs nobody anything. */
  silentAfterMs: number
  notice(node: string, message: string): void
  /** The session ended by itself. */
  lost(node: string, fault: NodeFault): void
}

/** A login on a busy machine takes a second or two. */
export const SILENT_AFTER_MS = 3_000

/** `loginMs` is without the wait for its turn. */
type LoggedIn = Opened & { loginMs: number }

interface Entry {
  address: string
  opened: Promise<LoggedIn>
}

export class Connections {
  #options: ConnectionOptions
  #gate: Gate
  #entries = new Map<string, Entry>()
  #closing = new AbortController()
  /** Told of since they last answered: a machine that is gone is called again and again. */
  #silent = new Set<string>()

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#gate = new Gate(options.logins)
  }

  /** The same session for all who ask; a failed opening is tried again by the next who asks. */
  async open(node: NodeAddress): Promise<LoggedIn> {
    const address = canonical(node.transport as unknown as Json)
    const known = this.#entries.get(node.name)
    if (known?.address === address) return known.opened
    const entry: Entry = { address, opened: this.#inTurn(node) }
    this.#entries.set(node.name, entry)
    if (known !== undefined) void closeOf(known)
    const opened = await entry.opened
    if (!opened.ok) this.#forget(node.name, entry)
    else void opened.session.lost.then((fault) => this.#lost(node.name, entry, fault))
    return opened
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const entries = [...this.#entries.values()]
    this.#entries.clear()
    await Promise.all(entries.map(closeOf))
  }

  #inTurn(node: NodeAddress): Promise<LoggedIn> {
    return new Promise((resolve, reject) => {
      void this.#gate.through(async () => {
        const login = this.#timedLogin(node)
        login.then(resolve, reject)
        await this.#whileItMoves(node.name, login)
      })
    })
  }

  /** Resolves when the login is over one way or the other, or has been silent for long. */
  async #whileItMoves(node: string, login: Promise<LoggedIn>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.silentAfterMs)
      // Whoever waits for the login is what keeps the process.
      timer.unref()
    }).then(() => this.#tellSilence(node))
    const over = login.then(
      ({ ok }) => ok && this.#silent.delete(node),
      () => {},
    )
    await Promise.race([over, silence])
    clearTimeout(timer)
  }

  #tellSilence(node: string): void {
    if (this.#silent.has(node) || this.#closing.signal.aborted) return
    this.#silent.add(node)
    const span = formatDuration(this.#options.silentAfterMs)
    this.#options.notice(node, `no answer for ${span} so far; everything else goes on meanwhile`)
  }

  async #timedLogin(node: NodeAddress): Promise<LoggedIn> {
    const begunAt = performance.now()
    const opened = await this.#login(node)
    return { ...opened, loginMs: performance.now() - begunAt }
  }

  #login(node: NodeAddress): Promise<Opened> {
    const { transports, connectTimeoutMs } = this.#options
    const transport = transports.find(({ kind }) => kind === node.transport.kind)
    if (transport === undefined) {
      const message = `this runner has no transport ${node.transport.kind}`
      return Promise.resolve({ ok: false, fault: { code: 'unreachable', message } })
    }
    return transport.open(node, {
      signal: this.#closing.signal,
      connectTimeoutMs,
      notice: (message) => this.#options.notice(node.name, message),
    })
  }

  #lost(node: string, entry: Entry, fault: NodeFault): void {
    if (this.#forget(node, entry)) this.#options.lost(node, fault)
  }

  #forget(node: string, entry: Entry): boolean {
    return this.#entries.get(node) === entry && this.#entries.delete(node)
  }
}

async function closeOf(entry: Entry): Promise<void> {
  const opened: { ok: boolean; session?: Session } = await entry.opened
  await opened.session?.close()
}
