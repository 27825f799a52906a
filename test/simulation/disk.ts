// The disk under the journal: slow, full, failing, or the last thing that a process saw. Watches what becomes durable.
import type { JournalFaults, JournalReader, JournalStore, JournalWriter } from '../../src/journal/journal.ts'
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import { sqliteJournal } from '../../src/journal/sqlite-journal.ts'
import type { Event, Recorded } from '../../src/model/event.ts'
import type { Life } from './life.ts'
import type { Model } from './model.ts'
import type { Stage } from './stage.ts'
import { eventLine } from './story.ts'
import { must, Violation } from './violation.ts'

export interface DiskOptions {
  stage: Stage
  model: Model
  /** A directory makes it a real one, of SQLite. */
  directory: string | undefined
  /** Makes any other one. */
  journal: ((faults: JournalFaults) => JournalStore) | undefined
}

type When = 'before' | 'after'

export class Disk {
  full = false
  slowMs = 0
  /** What happens to the next write. */
  next: { what: 'fails' | 'kills'; when: When } | undefined
  /** Of the whole story. */
  writes = 0
  /** Chosen writes, by number, for who goes through all of them. */
  atWrite: ((n: number, when: When) => 'fails' | 'kills' | undefined) | undefined
  readonly durable = new WeakSet<Event>()
  readonly #options: DiskOptions
  readonly #store: JournalStore
  readonly #seen: string[] = []
  #life: Life | undefined
  #pending = 0
  #appending = 0
  #inHook = 0
  #opening = 0
  #waiting: (() => void)[] = []
  #lastTurn: Promise<unknown> = Promise.resolve()

  constructor(options: DiskOptions) {
    this.#options = options
    const faults = {
      beforeWrite: (n: number) => this.#hook(n, 'before'),
      afterWrite: (n: number) => this.#hook(n, 'after'),
    }
    this.#store =
      options.journal?.(faults) ??
      (options.directory === undefined
        ? memoryJournal({ faults })
        : sqliteJournal(options.directory, {
            site: 'site',
            toolVersion: '0',
            faults,
            directCommits: Infinity,
          }))
  }

  /** Operations that wait for the real world, and not for virtual time. */
  get isBusy(): boolean {
    return this.#opening > 0 || (this.#pending > 0 && this.#inHook === 0)
  }

  /** Resolves when it may have become less busy: whoever waits for the real world leaves the processor to it. */
  stirred(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** All that is known to be durable, an event a line, as it was read or acknowledged. */
  get text(): string {
    return this.#seen.join('\n')
  }

  /** The world of who writes may be ahead of what is there. */
  get isWriting(): boolean {
    return this.#appending > 0
  }

  /** A write waits for virtual time, and whoever reads may have to wait for that: nobody may wait for who reads. */
  get isWaiting(): boolean {
    return this.#inHook > 0
  }

  /** As one process sees it. When that dies, nothing more of it gets here. */
  storeFor(life: Life): JournalStore {
    return {
      openWriter: (holder) =>
        this.#opened(async () => {
          const opened = await this.#store.openWriter(holder)
          if (!opened.ok) return opened
          this.#life = life
          life.onDeath(() => void this.#inTurn(() => opened.value.close()))
          await this.#catchUp(opened.value)
          return { ok: true, value: this.#written(opened.value, life) }
        }),
      openReader: () =>
        this.#inTurn(async () => {
          const opened = await this.#store.openReader()
          return opened.ok ? { ok: true, value: this.#read(opened.value, life) } : opened
        }),
    }
  }

  /** All that is durable, as who comes later would read it. */
  async read<T>(question: (reader: JournalReader) => Promise<T>): Promise<T | undefined> {
    return this.#inTurn(async () => {
      const opened = await this.#store.openReader()
      if (!opened.ok) return undefined
      // What is there without having been acknowledged is known from here on.
      if (!this.isWriting) await this.#takeNew(opened.value)
      const told = await question(opened.value)
      await opened.value.close()
      return told
    })
  }

  #written(writer: JournalWriter, life: Life): JournalWriter {
    return {
      ...this.#read(writer, life),
      append: (at, events) =>
        this.#heard(life, async () => {
          this.#appending++
          const told = await writer.append(at, events).finally(() => this.#appending--)
          const first = told.head - events.length + 1
          this.#take(events.map((event, i) => ({ seq: first + i, at, event })))
          for (const event of events) this.durable.add(event)
          return told
        }),
      putBlobs: (blobs) => this.#heard(life, () => writer.putBlobs(blobs)),
      putKeys: (keys) => this.#heard(life, () => writer.putKeys(keys)),
      putSnapshot: (snapshot) => this.#heard(life, () => writer.putSnapshot(snapshot)),
    }
  }

  #read(reader: JournalReader, life: Life): JournalReader {
    const heard = <T>(what: () => Promise<T>): Promise<T> => this.#heard(life, () => this.#inTurn(what))
    return {
      head: () => heard(() => reader.head()),
      blob: (digest) => heard(() => reader.blob(digest)),
      keys: () => heard(() => reader.keys()),
      snapshot: () => heard(() => reader.snapshot()),
      async *events(after) {
        const batches = reader.events(after)[Symbol.asyncIterator]()
        for (;;) {
          const next = await heard(() => batches.next())
          if (next.done) return
          yield next.value
        }
      },
      close: () => heard(() => reader.close()),
    }
  }

  /** Who is dead hears nothing more. */
  async #heard<T>(life: Life, what: () => Promise<T>): Promise<T> {
    const told = this.#during(what)
    await told.catch(() => {})
    return life.alive ? told : new Promise(() => {})
  }

  /** What was known to be durable must be there as it was; what was not acknowledged may have come to it. */
  async #catchUp(reader: JournalReader): Promise<void> {
    const all: Recorded[] = []
    for await (const batch of reader.events(0)) all.push(...batch)
    const lost = this.#seen.findIndex((text, i) => textOf(all[i]) !== text)
    if (lost >= 0) {
      const details = `event ${lost + 1} was ${this.#seen[lost]} and is ${textOf(all[lost])}`
      this.#options.stage.broken(new Violation('nothing acknowledged is lost', details))
    }
    this.#take(all.slice(this.#seen.length))
  }

  /** Whether all that came before is as it was is asked whenever a process starts. */
  async #takeNew(reader: JournalReader): Promise<void> {
    for await (const batch of reader.events(this.#seen.length)) this.#take([...batch])
  }

  #take(recorded: Recorded[]): void {
    try {
      for (const one of recorded) {
        this.#seen.push(textOf(one))
        this.#options.stage.tell(`  ${eventLine(one.event)}`)
        this.#options.model.hear(one)
      }
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      this.#options.stage.broken(error)
    }
  }

  async #hook(n: number, when: When): Promise<void> {
    const life = this.#life as Life
    this.writes = n
    const fate = this.#fate(n, when)
    if (fate) this.#options.stage.tell(`the disk ${fate} ${when} write ${n}`)
    if (fate === 'kills') life.die()
    must(life.alive, 'gone', () => 'the process has died')
    if (fate === 'fails') throw new Error('No space left on device')
    this.#inHook++
    this.#stir()
    await Promise.race([this.#options.stage.time.sleep(1 + this.slowMs), life.death])
    this.#inHook--
    must(life.alive, 'gone', () => 'the process has died')
  }

  #fate(n: number, when: When): 'fails' | 'kills' | undefined {
    if (this.full && when === 'before') return 'fails'
    if (this.next?.when !== when) return this.atWrite?.(n, when)
    const { what } = this.next
    this.next = undefined
    return what
  }

  /** Who finds the lock taken looks again by the real clock; nothing else happens until it knows. */
  async #opened<T>(open: () => Promise<T>): Promise<T> {
    this.#opening++
    return this.#during(open).finally(() => {
      this.#opening--
      this.#stir()
    })
  }

  /** One after the other: what the real world is asked for together, it answers in another order each time. */
  async #inTurn<T>(what: () => Promise<T>): Promise<T> {
    const before = this.#lastTurn
    const turn = this.#during(() => before.then(what))
    this.#lastTurn = turn.catch(() => {})
    return turn
  }

  async #during<T>(what: () => Promise<T>): Promise<T> {
    this.#pending++
    try {
      return await what()
    } finally {
      this.#pending--
      this.#stir()
    }
  }

  #stir(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

function textOf(recorded: Recorded | undefined): string {
  return JSON.stringify(recorded) ?? 'nothing'
}
