// A server's life: the real engine over the disk, with the real runner over the simulated network; it may end anywhere.
import { expectStart, expectTold } from './invariants.ts'
import { Engine } from '../../src/engine/engine.ts'
import { remember } from '../../src/engine/memory.ts'
import type { Turn } from '../../src/annealer/turn.ts'
import type { World } from '../../src/annealer/world.ts'
import type { JournalWriter } from '../../src/journal/journal.ts'
import type { Command } from '../../src/model/command.ts'
import type { Event } from '../../src/model/event.ts'
import { type Answer, refuse } from '../../src/model/refusal.ts'
import type { Report } from '../../src/runner/runner.ts'
import { clockOf } from './clock.ts'
import type { Disk } from './disk.ts'
import { Life } from './life.ts'
import type { Post } from './post.ts'
import { makeRunner, type RunnerSurroundings } from './runner.ts'

export interface ServerParts extends RunnerSurroundings {
  disk: Disk
  post: Post
  snapshotEvery: number
  snapshotAtOnce: number
}

export class Server {
  readonly life: Life
  /** As of its last turn; undefined when it cannot be trusted any more. */
  get world(): World | undefined {
    return this.#engine?.fault || !this.life.alive ? undefined : this.#world
  }

  /** Not a promise of the engine is open, and nothing moves. */
  rests = false
  readonly #parts: ServerParts
  #world: World | undefined
  #engine: Engine | undefined
  #journal: JournalWriter | undefined
  #runnerLife: Life | undefined
  #runners = 0
  #stopping = false

  constructor(parts: ServerParts, name: string) {
    this.#parts = parts
    this.life = new Life(name)
    this.life.onDeath(() => this.#runnerLife?.die())
  }

  /** Takes commands from when it resolves with true; else it has ended. */
  async start(): Promise<boolean> {
    const { stage, disk, language } = this.#parts
    const opened = await disk.storeFor(this.life).openWriter({ pid: 1, host: 'here', what: this.life.name })
    if (!opened.ok) return this.#giveUp(opened.refusal.code)
    this.#journal = opened.value
    const { world, seq, sinceSnapshot } = await remember(opened.value, language)
    this.#world = world
    this.#engine = new Engine({
      world,
      journal: opened.value,
      clock: clockOf(stage.time, () => this.life.alive),
      seq,
      sinceSnapshot,
      snapshotEvery: this.#parts.snapshotEvery,
      snapshotAtOnce: this.#parts.snapshotAtOnce,
      onTurn: (made) => this.#tellTurn(made),
    })
    // It may fail while nobody asks, when a snapshot is written.
    void this.#engine.failed.then(() => this.stop('its journal failed'))
    const started = await this.#begin()
    return started.ok ? true : this.#giveUp(started.refusal.code)
  }

  async ask(command: Command): Promise<Answer<Event[]> | undefined> {
    if (!this.#engine || !this.life.alive || this.#stopping) return undefined
    this.rests = false
    const given = await this.#engine.ask(command)
    if (!this.life.alive) return undefined
    if (given.ok) expectTold(this.#parts, command, given.value)
    void this.#restWatch()
    if (!given.ok && given.refusal.code === 'journalFault') await this.stop('its journal failed')
    return given
  }

  async keep(content: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
    if (!this.#journal || !this.life.alive || this.#stopping) return false
    const kept = await this.#journal.putBlobs(content).then(
      () => true,
      () => false,
    )
    if (!kept) await this.stop('its journal failed')
    return kept
  }

  /** The runner's process dies, and another takes its place; what is on its way from the old one may still come. */
  async loseRunner(): Promise<void> {
    if (!this.#engine || this.#stopping) return
    this.#runnerLife?.die()
    this.#engine.useRunner(undefined)
    const begun = await this.#begin()
    if (!begun.ok && this.life.alive) await this.stop('its journal failed')
  }

  async stop(why: string): Promise<void> {
    if (this.#stopping || !this.life.alive) return
    this.#stopping = true
    this.#parts.stage.tell(`${this.life.name} stops: ${why}`)
    await this.#engine?.close()
    if (!this.life.alive) return
    await this.#journal?.close()
    this.#parts.stage.tell(`${this.life.name} has stopped`)
    this.life.die()
  }

  async #begin(): Promise<Answer<Event[]>> {
    const engine = this.#engine as Engine
    const started = await engine.ask({ kind: 'startSession', by: 'ann' })
    if (!started.ok || !this.life.alive) return started.ok ? refuse(GONE) : started
    const life = new Life(`runner ${++this.#runners} of ${this.life.name}`)
    this.#runnerLife = life
    engine.useRunner(
      makeRunner(this.#parts, {
        life,
        blob: async (digest) => this.#journal?.blob(digest),
        report: (report) => this.#report(report),
      }),
    )
    const looked = await engine.ask({ kind: 'tick' })
    if (this.life.alive) void this.#restWatch()
    return looked
  }

  #report(report: Report): void {
    this.#parts.post.bring(report, async (brought) => {
      if (!this.#engine || !this.life.alive) return undefined
      this.rests = false
      const given = await this.#engine.ask(brought)
      if (!this.life.alive) return undefined
      if (given.ok) expectTold(this.#parts, brought, given.value)
      void this.#restWatch()
      if (!given.ok && given.refusal.code === 'journalFault' && !this.#stopping)
        void this.stop('its journal failed')
      return given
    })
  }

  #tellTurn(made: Turn): void {
    if (!this.life.alive) return
    expectStart(this.#parts.stage, this.#world as World, made)
  }

  async #restWatch(): Promise<void> {
    await this.#engine?.rest()
    if (!this.life.alive) return
    // It may have failed in a turn that nobody outside had asked for.
    if (this.#engine?.fault) await this.stop('its journal failed')
    else this.rests = true
  }

  #giveUp(why: string): false {
    this.#parts.stage.tell(`${this.life.name} does not start: ${why}`)
    void this.#journal?.close().then(() => this.life.die())
    if (!this.#journal) this.life.die()
    return false
  }
}

const GONE = { code: 'journalFault', message: 'the process has died' } as const
