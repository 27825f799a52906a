// Group commit: while one write is under way, what comes in waits and shares the next; one failed write ends it all.
import { type JournalFaults, JournalFault } from './journal.ts'

/** Something to be written, whole and in its turn. */
export interface Entry<T> {
  item: T
  /** How full it makes a write: a write takes entries until `FULL` is reached, and always at least one. */
  weight: number
}

export const FULL = 1_000

interface Waiting<T> extends Entry<T> {
  resolve(): void
  reject(fault: JournalFault): void
}

/** Of one store: goes on counting when the journal is closed and opened again. */
export interface WriteCount {
  writes: number
}

export class GroupCommit<T> {
  readonly #write: (items: T[]) => Promise<void> | void
  readonly #faults: JournalFaults
  readonly #count: WriteCount
  #queue: Waiting<T>[] = []
  #running: Promise<void> | undefined
  #fault: JournalFault | undefined

  /** `write` makes all items durable in one step, or throws and has written all or none of them. */
  constructor(write: (items: T[]) => Promise<void> | void, faults: JournalFaults, count: WriteCount) {
    this.#write = write
    this.#faults = faults
    this.#count = count
  }

  /** Resolves when `item` is durable. The promise is the back-pressure: who does not wait for it fills the memory. */
  add(item: T, weight: number): Promise<void> {
    if (this.#fault) return Promise.reject(this.#fault)
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, weight, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** When all that was added has been written or refused. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running
    if (this.#fault) throw this.#fault
  }

  get fault(): JournalFault | undefined {
    return this.#fault
  }

  /** Nothing more is written; what waits is refused. */
  stop(fault: JournalFault): void {
    this.#fault ??= fault
    for (const waiting of this.#queue.splice(0)) waiting.reject(this.#fault)
  }

  async #run(): Promise<void> {
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const group = this.#take()
      const n = ++this.#count.writes
      try {
        await this.#faults.beforeWrite?.(n)
        if (this.#fault) throw this.#fault
        await this.#write(group.map((waiting) => waiting.item))
        await this.#faults.afterWrite?.(n)
      } catch (error) {
        this.stop(asFault(error))
      }
      for (const waiting of group) {
        if (this.#fault) waiting.reject(this.#fault)
        else waiting.resolve()
      }
    }
    this.#running = undefined
  }

  #take(): Waiting<T>[] {
    let weight = 0
    let count = 0
    while (count < this.#queue.length && weight < FULL) weight += (this.#queue[count++] as Waiting<T>).weight
    return this.#queue.splice(0, count)
  }
}

function asFault(error: unknown): JournalFault {
  if (error instanceof JournalFault) return error
  const message = error instanceof Error ? error.message : String(error)
  return new JournalFault(
    { code: 'journalFault', message: `The journal could not be written: ${message}` },
    { cause: error },
  )
}
