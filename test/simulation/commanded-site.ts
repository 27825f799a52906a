// A site without a server: commands come, take the journal's lock or find it taken, work until rest, and go; the real
// operations in a process of their own each, which may be interrupted or killed.
import type { World } from '../../src/annealer/world.ts'
import { newWorld } from '../../src/annealer/world.ts'
import { isObject, type JsonObject } from '../../src/base/json.ts'
import { judge } from '../../src/annealer/judge.ts'
import { remember } from '../../src/engine/memory.ts'
import type { Operations, UpResult } from '../../src/model/operations.ts'
import type { Control } from '../../src/model/control.ts'
import { type Scope, scopeExactly } from '../../src/model/scope.ts'
import { type RinseSize, rinsedWith } from '../support/rinses.ts'
import { scopeAround, type ScopeSize } from '../support/scopes.ts'
import { changed } from '../support/short-site.ts'
import { type Dice, dice } from './dice.ts'
import { expectNoSecrets, expectReasons, expectRevisions, expectSameAgain } from './invariants.ts'
import { Life } from './life.ts'
import { Commands, type Given } from './commands.ts'
import { type Ground, type Management, waitsForALeave, waitsForAWord, waitsForOthers } from './management.ts'
import { type Change, dressed } from './sites.ts'
import { must } from './violation.ts'

export class CommandedSite implements Management {
  readonly forgotten = new Set<string>()
  readonly #ground: Ground
  readonly #commands: Commands
  readonly #dice: Dice
  #short: JsonObject
  #before: JsonObject
  /** What the files said when they were last taken as those of a site. */
  #sound: JsonObject
  /** Without a new event nothing new is to be seen. */
  #comparedAt = 0
  /** Follow from command to command: as a command that stays would, and by events alone. */
  #follower: Operations | undefined
  readonly #reader: { world: World; seq: number }

  constructor(ground: Ground, short: JsonObject) {
    this.#ground = ground
    this.#reader = { world: newWorld(ground.language), seq: 0 }
    this.#commands = new Commands(ground)
    this.#short = short
    this.#before = short
    this.#sound = short
    this.#dice = dice(ground.stage.seed, 'commands')
  }

  /** Nothing runs by itself. */
  begin(): void {}

  commit(change: Change): void {
    this.#edit(change)
    if (this.#dice.chance(0.15)) this.#comeAndStay(this.#dice.between(1, 40_000))
    else void this.#up()
  }

  propose(change: Change): void {
    this.#edit(change)
    const { site, content } = dressed(this.#short)
    void this.#commands.run('propose', (operations) =>
      operations.propose({ site, content, by: 'ann', message: '' }),
    )
  }

  takeBack(): void {
    this.#short = this.#before
    this.commit({ says: 'as they were before', change: {} })
  }

  commitProposal(which: number): void {
    const revision = this.#nthRevision(which)
    if (revision === undefined) return
    void this.#commands.run('commit', (operations, request) =>
      operations.commit({ ...request, revision, confirm: async () => which % 5 > 0 }),
    )
  }

  discard(which: number): void {
    const revision = this.#nthRevision(which)
    if (revision !== undefined)
      void this.#commands.run('discard', (operations) => operations.discard(revision, 'ann'))
  }

  rollBack(which: number): void {
    const revision = this.#nthRevision(which)
    if (revision === undefined) return
    void this.#commands
      .run('rollback', (operations) => operations.rollback(revision, 'ann', ''))
      .then((given) => {
        if (given?.ok)
          void this.#commands.run('commit', (operations, request) =>
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

  rinse(which: number, size: RinseSize, once: boolean): void {
    void this.#world().then((world) => {
      const all = [...world.nodeRoles.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
      const one = all[which % all.length]
      if (!one) return
      const targets = size === 'all' ? size : rinsedWith(one, all, size)
      void this.#commands.run('rinse', (operations, request) =>
        operations.rinse({ ...request, targets, once, confirm: async () => which % 5 > 0 }),
      )
    })
  }

  hold(word: 'hold' | 'release', which: number, size: ScopeSize): void {
    void this.#scope(which, size).then((scope) => scope && this.#control({ kind: word, ...targeting(scope) }))
  }

  approve(which: number, size: ScopeSize): void {
    void this.#scope(which, size === 'site' ? 'group' : size).then((scope) => {
      if (scope) void this.#control({ kind: 'approve', ...targeting(scope) })
    })
  }

  only(which: number, size: ScopeSize): void {
    void this.#scope(which, size).then((scope) => {
      if (scope && scope.kind !== 'site') void this.#up({ only: [scopeExactly(scope)] })
    })
  }

  cancel(which: number): void {
    const { model } = this.#ground
    const flying = [...model.inFlight().map(([run]) => run), ...model.rinses()]
    const name = flying[which % flying.length]
    if (name !== undefined) void this.#control({ kind: 'cancel', targets: [name] })
  }

  async lookForDrift(repair: boolean): Promise<void> {
    await this.#commands.run('drift', (operations, request) =>
      operations.drift({ ...request, targets: [], repair }),
    )
  }

  exec(which: number): void {
    void this.#world().then((world) => {
      const nodes = [...world.nodes.keys()].sort()
      const text = nodes[which % nodes.length]
      if (text === undefined) return
      const what = { selection: { text }, argv: ['true'], become: false, deadlineMs: 60_000, parallel: 2 }
      const heard = { onStart() {}, onOutput() {}, onEnd() {}, onNotice() {} }
      void this.#commands.run('exec', (operations, { by, signal }) =>
        operations.exec({ ...what, ...heard, by, signal }),
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
    const [oldest] = this.#commands.running
    if (!oldest) return
    this.#tell(`${oldest.life.name} is interrupted`)
    if (oldest.interrupt.signal.aborted) oldest.life.die()
    else oldest.interrupt.abort()
  }

  kill(): void {
    const [oldest] = this.#commands.running
    if (!oldest) return
    this.#tell(`${oldest.life.name} is killed`)
    oldest.life.die()
  }

  stop(): void {
    for (const { interrupt } of this.#commands.running) interrupt.abort()
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
    for (const { scope } of (await this.#world()).holds.values())
      await this.#control({ kind: 'release', ...targeting(scope) })
    const up = await this.#up()
    if (up?.ok === false && up.refusal.code === 'invalidSite') this.#short = this.#sound
    const world = await this.#world()
    const drifted = [...world.nodeRoles.values()].some((one) => judge(world, one).reason.kind === 'drifted')
    if (isReady(up) && !drifted) return false
    const waiting = up?.ok ? (up.value as UpResult).status.nodeRoles : []
    const gone = waiting.filter(({ leaving, reason }) => leaving && reason.kind === 'notAvailable')
    // Taken out of the files while it was not available: nobody can make it so any more.
    for (const node of new Set(gone.map((one) => one.node))) await this.#forget(node)
    const held = waiting.find(waitsForOthers)
    if (held && this.#dice.chance(0.5))
      await this.#control({ kind: 'approve', ...targeting({ kind: 'group', ...held }) })
    const named = waiting.filter(waitsForAWord)
    if (named.length > 0) await this.#retry(named.map(({ id }) => id))
    const steps = waiting.filter(waitsForALeave)
    if (steps.length > 0) await this.#control({ kind: 'approve', targets: steps.map(({ id }) => id) })
    return true
  }

  async expectRest(): Promise<void> {
    const left = this.#commands.running.map(({ life }) => life.name).join(', ')
    must(left === '', 'the fleet comes to rest', () => `${left} goes on for ever`)
  }

  /** What a command would find: the same from all events, and as who has read all along has it, by world and by what it answers. */
  async compare(): Promise<void> {
    const { stage, model, disk, language } = this.#ground
    if (disk.isWriting || disk.isWaiting || model.seq === this.#comparedAt) return
    this.#comparedAt = model.seq
    const world = await this.#world()
    expectRevisions(world, model)
    expectNoSecrets(world, stage.secrets)
    await disk.read((reader) => expectSameAgain(world, reader, this.#reader, language))
    this.#follower ??= this.#commands.operations(new Life('who follows'), 'who follows')
    const fresh = this.#commands.operations(new Life('who comes'), 'who comes')
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

  #up({ stay = false, only }: { stay?: boolean; only?: string[] } = {}): Promise<Given> {
    const said = this.#short
    const { site, content } = dressed(said)
    const how = { message: '', confirm: async () => true, stay, ...(only ? { only } : {}) }
    return this.#commands.run(only ? 'up --only' : stay ? 'up --stay' : 'up', async (operations, request) => {
      const given = await operations.up({ ...request, site, content, ...how })
      if (given.ok) this.#sound = said
      return given
    })
  }

  /** Somebody comes in the end and interrupts it. */
  #comeAndStay(ms: number): void {
    const before = this.#commands.running.length
    void this.#up({ stay: true })
    const staying = this.#commands.running[before]
    this.#ground.stage.time.after(ms, () => staying?.interrupt.abort())
  }

  #retry(ids: string[]): Promise<Given> {
    return this.#control({ kind: 'retry', targets: ids })
  }

  #control(control: Control): Promise<Given> {
    return this.#commands.run(control.kind, (operations, request) => operations.control(control, request))
  }

  async #scope(which: number, size: ScopeSize): Promise<Scope | undefined> {
    const world = await this.#world()
    const all = [...world.nodeRoles.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    const nodeRole = all[which % all.length]
    return nodeRole && scopeAround(nodeRole, size)
  }

  async #forget(node: string): Promise<void> {
    const given = await this.#commands.run('forget', (operations, request) =>
      operations.forget(node, request),
    )
    if (given?.ok !== false) this.forgotten.add(node)
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

function targeting(scope: Scope): { targets: string[] } {
  return { targets: scope.kind === 'site' ? [] : [scopeExactly(scope)] }
}

function isReady(given: Given): boolean {
  return given?.ok === true && (given.value as UpResult).outcome === 'ready'
}
