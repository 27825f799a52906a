// A site without a server: commands come, take the journal's lock or find it taken, work until rest, and go; the real
// operations in a process of their own each, which may be interrupted or killed.
import type { World } from '../../src/annealer/world.ts'
import { newWorld } from '../../src/annealer/world.ts'
import { isObject, type JsonObject } from '../../src/base/json.ts'
import { remember } from '../../src/engine/memory.ts'
import { siteOperations } from '../../src/engine/site-operations.ts'
import type { AnnealRequest, Operations, UpResult } from '../../src/model/operations.ts'
import type { Answer } from '../../src/model/refusal.ts'
import { type RinseSize, rinsedWith } from '../support/rinses.ts'
import { changed } from '../support/short-site.ts'
import { clockOf } from './clock.ts'
import { type Dice, dice } from './dice.ts'
import { expectNoSecretIn, expectNoSecrets, expectReasons, expectRevisions } from './invariants.ts'
import { Life } from './life.ts'
import type { Ground, Management } from './management.ts'
import { makeRunner } from './runner.ts'
import { type Change, dressed } from './sites.ts'
import { must, Violation } from './violation.ts'

interface Process {
  life: Life
  interrupt: AbortController
}

type Given = Answer<unknown> | undefined

export class CommandedSite implements Management {
  readonly forgotten = new Set<string>()
  readonly #ground: Ground
  readonly #running: Process[] = []
  readonly #dice: Dice
  #short: JsonObject
  #before: JsonObject
  #started = 0
  #follower: Operations | undefined

  constructor(ground: Ground, short: JsonObject) {
    this.#ground = ground
    this.#short = short
    this.#before = short
    this.#dice = dice(ground.stage.seed, 'commands')
  }

  /** Nothing runs by itself. */
  begin(): void {}

  commit(change: Change): void {
    this.#edit(change)
    if (this.#dice.chance(0.15)) this.#stay(this.#dice.between(1, 40_000))
    else void this.#up()
  }

  propose(change: Change): void {
    this.#edit(change)
    const { site, content } = dressed(this.#short)
    void this.#run('propose', (operations) => operations.propose({ site, content, by: 'ann', message: '' }))
  }

  takeBack(): void {
    this.#short = this.#before
    this.commit({ says: 'as they were before', change: {} })
  }

  commitProposal(which: number): void {
    const revision = this.#nthRevision(which)
    if (revision === undefined) return
    void this.#run('commit', (operations, request) =>
      operations.commit({ ...request, revision, confirm: async () => which % 5 > 0 }),
    )
  }

  discard(which: number): void {
    const revision = this.#nthRevision(which)
    if (revision !== undefined) void this.#run('discard', (operations) => operations.discard(revision, 'ann'))
  }

  rollBack(which: number): void {
    const revision = this.#nthRevision(which)
    if (revision === undefined) return
    void this.#run('rollback', (operations) => operations.rollback(revision, 'ann', '')).then((given) => {
      if (given?.ok)
        void this.#run('commit', (operations, request) =>
          operations.commit({ ...request, confirm: async () => true }),
        )
    })
  }

  retry(which: number): void {
    void this.#world().then((world) => {
      const all = [...world.nodeRoles.keys()].sort()
      const id = all[which % all.length]
      if (id !== undefined) void this.#retry([id])
    })
  }

  readonly looksAtTheEnd = false

  look(): void {
    void this.#run('drift', (operations, request) =>
      operations.drift({ ...request, targets: [], repair: false, stay: false }),
    )
  }

  rinse(which: number, size: RinseSize, once: boolean): void {
    void this.#world().then((world) => {
      const all = [...world.nodeRoles.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
      const one = all[which % all.length]
      if (!one) return
      const targets = size === 'all' ? size : rinsedWith(one, all, size)
      void this.#run('rinse', (operations, request) =>
        operations.rinse({ ...request, targets, once, confirm: async () => which % 5 > 0 }),
      )
    })
  }

  /** In this form of life it is said in the files. */
  setAvailable(node: string, available: boolean): void {
    const { nodes } = this.#short
    if (!isObject(nodes) || !Object.hasOwn(nodes, node)) return
    this.commit({ says: `${node} available: ${available}`, change: { nodes: { [node]: { available } } } })
  }

  forget(node: string): void {
    void this.#forget(node)
  }

  /** Once: what runs may finish. Twice: the process ends. */
  interrupt(): void {
    const [oldest] = this.#running
    if (!oldest) return
    this.#tell(`${oldest.life.name} is interrupted`)
    if (oldest.interrupt.signal.aborted) oldest.life.die()
    else oldest.interrupt.abort()
  }

  kill(): void {
    const [oldest] = this.#running
    if (!oldest) return
    this.#tell(`${oldest.life.name} is killed`)
    oldest.life.die()
  }

  stop(): void {
    for (const { interrupt } of this.#running) interrupt.abort()
  }

  loseRunner(): void {
    this.kill()
  }

  /** Nobody but its own runner speaks to a command. */
  forgeReport(): void {}

  async tidyUp(): Promise<boolean> {
    const available = Object.keys(isObject(this.#short['nodes']) ? this.#short['nodes'] : {})
    this.#edit({
      says: 'all nodes are available',
      change: { nodes: Object.fromEntries(available.map((name) => [name, { available: true }])) },
    })
    const up = await this.#up()
    if (isReady(up)) return false
    const waiting = up?.ok ? (up.value as UpResult).status.nodeRoles : []
    const left = waiting.filter(({ leaving, reason }) => leaving && reason.kind === 'notAvailable')
    // Taken out of the files while it was not available: nobody can make it so any more.
    for (const node of new Set(left.map((one) => one.node))) await this.#forget(node)
    const named = waiting.filter(({ state, reason }) => {
      return state === 'error' || (reason.kind === 'waits' && reason.wait.kind === 'approval')
    })
    if (named.length > 0) await this.#retry(named.map(({ id }) => id))
    return true
  }

  async expectRest(): Promise<void> {
    const left = this.#running.map(({ life }) => life.name).join(', ')
    must(left === '', 'the fleet comes to rest', () => `${left} goes on for ever`)
  }

  /** One that has read all along, and one that reads afresh. */
  async compare(): Promise<void> {
    const { stage, model, disk } = this.#ground
    if (disk.isWriting || model.seq === 0) return
    const world = await this.#world()
    expectRevisions(world, model)
    expectNoSecrets(world, stage.secrets)
    this.#follower ??= this.#operations(new Life('who follows'), 'who follows')
    const fresh = this.#operations(new Life('who comes'), 'who comes')
    const told = await Promise.all([this.#follower, fresh].map((one) => one.status()))
    await fresh.close()
    const [followed, read] = told.map((one) => JSON.stringify(one.ok ? one.value : one.refusal))
    must(followed === read, 'who follows sees the same', () => `\n  ${followed}\n  ${read}`)
  }

  async world(): Promise<World | undefined> {
    const world = await this.#world()
    expectReasons(world)
    return world
  }

  // --- Commands -----------------------------------------------------------------------------------------------------

  #up(stay = false): Promise<Given> {
    const { site, content } = dressed(this.#short)
    return this.#run(stay ? 'up --stay' : 'up', (operations, request) => {
      return operations.up({ ...request, site, content, message: '', confirm: async () => true, stay })
    })
  }

  /** Somebody comes in the end and interrupts it. */
  #stay(ms: number): void {
    const before = this.#running.length
    void this.#up(true)
    const staying = this.#running[before]
    this.#ground.stage.time.after(ms, () => staying?.interrupt.abort())
  }

  #retry(ids: string[]): Promise<Given> {
    return this.#run('retry', (operations, request) =>
      operations.control({ kind: 'retry', targets: ids }, request),
    )
  }

  async #forget(node: string): Promise<void> {
    const given = await this.#run('forget', (operations, request) => operations.forget(node, request))
    if (given?.ok !== false) this.forgotten.add(node)
  }

  async #run(
    what: string,
    work: (operations: Operations, request: AnnealRequest) => Promise<Answer<unknown>>,
  ): Promise<Given> {
    const life = new Life(`anneal ${what} ${++this.#started}`)
    const mine: Process = { life, interrupt: new AbortController() }
    this.#running.push(mine)
    life.onDeath(() => void this.#running.splice(this.#running.indexOf(mine), 1))
    this.#tell(`${life.name} starts`)
    const dead = life.death.then(() => undefined)
    const done = this.#carryOut(mine, what, work).catch((error: unknown) => this.#ground.mistake(error))
    const given = (await Promise.race([dead, done])) as Given
    if (life.alive) {
      this.#tell(`${life.name} ends: ${wordsOf(given)}`)
      this.#expectHonest(mine, given)
      life.die()
    }
    return given
  }

  async #carryOut(
    { life, interrupt }: Process,
    what: string,
    work: (operations: Operations, request: AnnealRequest) => Promise<Answer<unknown>>,
  ): Promise<Given> {
    const operations = this.#operations(life, what)
    const onFeed = (feed: unknown): void => this.#expectNoSecret(feed, 'the feed')
    const given = await work(operations, { by: 'ann', onFeed, signal: interrupt.signal, stay: false })
    await operations.close()
    return given
  }

  #operations(life: Life, what: string): Operations {
    const { stage, disk, language, post } = this.#ground
    return siteOperations({
      store: disk.storeFor(life),
      language,
      clock: clockOf(stage.time, () => life.alive),
      makeRunner: async (blob, events) =>
        makeRunner(this.#ground, {
          life,
          blob,
          report: (report) =>
            post.bring(report, async (brought) => {
              if (life.alive) events.report(brought)
              return undefined
            }),
        }),
      makeExecutor: () => Promise.reject(new Error('nothing is executed here')),
      holder: { pid: 1, host: 'here', what: `anneal ${what}` },
    })
  }

  /** What a command says of itself is so. */
  #expectHonest({ life, interrupt }: Process, given: Given): void {
    this.#expectNoSecret(given, `the answer of ${life.name}`)
    const result = given?.ok ? (given.value as Partial<UpResult> | undefined) : undefined
    if (result?.outcome === 'ready' && result.status?.nodeRoles.some(({ state }) => state !== 'active'))
      this.#ground.mistake(new Violation('ready is ready', life.name))
    if (result?.outcome === 'interrupted' && !interrupt.signal.aborted)
      this.#ground.mistake(new Violation('interrupted is interrupted', life.name))
  }

  #expectNoSecret(told: unknown, where: string): void {
    try {
      expectNoSecretIn(JSON.stringify(told) ?? '', this.#ground.stage.secrets, where)
    } catch (error) {
      this.#ground.mistake(error)
    }
  }

  async #world(): Promise<World> {
    const { disk, language } = this.#ground
    const known = await disk.read((reader) => remember(reader, language))
    return known?.world ?? newWorld(language)
  }

  #edit({ says, change }: Change): void {
    this.#tell(`ann edits the files: ${says}`)
    this.#before = this.#short
    this.#short = changed(this.#short, change)
  }

  #nthRevision(which: number): number | undefined {
    const revisions = [...this.#ground.model.revisions.keys()]
    return revisions[which % revisions.length]
  }

  #tell(line: string): void {
    this.#ground.stage.tell(line)
  }
}

function isReady(given: Given): boolean {
  return given?.ok === true && (given.value as UpResult).outcome === 'ready'
}

function wordsOf(given: Given): string {
  if (!given) return 'nothing is said'
  if (!given.ok) return `refused, ${given.refusal.code}`
  const outcome = isObject(given.value) ? given.value['outcome'] : undefined
  return typeof outcome === 'string' ? outcome : 'done'
}
