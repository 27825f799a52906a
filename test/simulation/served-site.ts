// A site with a server that comes back whenever it has died, and an operator who asks it for things at any moment.
import { isHead, targetOf } from '../../src/annealer/decide.ts'
import { isAtRest } from '../../src/annealer/due.ts'
import { judge } from '../../src/annealer/judge.ts'
import { newWorld, type NodeRole, type World } from '../../src/annealer/world.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { Command } from '../../src/model/command.ts'
import type { Event } from '../../src/model/event.ts'
import type { Answer } from '../../src/model/refusal.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import type { Scope } from '../../src/model/scope.ts'
import { type RinseSize, rinsedWith } from '../support/rinses.ts'
import { scopeAround, type ScopeSize } from '../support/scopes.ts'
import { changed } from '../support/short-site.ts'
import { type Dice, dice } from './dice.ts'
import { expectNoSecrets, expectReasons, expectRevisions, expectSameAgain } from './invariants.ts'
import { type Ground, type Management, waitsForALeave, waitsForAWord, waitsForOthers } from './management.ts'
import { Server } from './server.ts'
import { type Change, dressed } from './sites.ts'
import { must, Violation } from './violation.ts'

const WHO = { author: 'ann', message: '' }

export class ServedSite implements Management {
  readonly forgotten = new Set<string>()
  readonly #ground: Ground
  readonly #dice: Dice
  /** What the files say now. */
  #short: JsonObject
  #before: JsonObject
  #server: Server | undefined
  /** Reads along, from server to server. */
  #follower: { world: World; seq: number } | undefined
  #servers = 0
  /** Without a new event nothing new is to be seen. */
  #comparedAt = 0

  constructor(ground: Ground, short: JsonObject) {
    this.#ground = ground
    this.#short = short
    this.#before = short
    this.#dice = dice(ground.stage.seed, 'servers')
  }

  begin(): void {
    const { stage } = this.#ground
    const server = new Server(this.#ground, `server ${++this.#servers}`)
    this.#server = server
    stage.tell(`${server.life.name} starts`)
    server.life.onDeath(() => void stage.time.after(this.#dice.between(1, 2_000), () => this.begin()))
    server.start().catch((error: unknown) => this.#ground.mistake(error))
  }

  // --- The operator -------------------------------------------------------------------------------------------------

  commit(change: Change): void {
    void this.#commitChange(change)
  }

  propose(change: Change): void {
    void this.#propose(change)
  }

  takeBack(): void {
    this.#short = this.#before
    void this.#commitChange({ says: 'as they were before', change: {} })
  }

  /** One that was left lying; it may be out of date by now, and is then refused. */
  commitProposal(which: number): void {
    const revision = this.#nthRevision(which)
    if (revision !== undefined) void this.#commit(revision)
  }

  discard(which: number): void {
    const revision = this.#nthRevision(which)
    if (revision !== undefined) void this.#ask({ kind: 'discardRevision', revision, author: 'ann' })
  }

  rollBack(which: number): void {
    const revision = this.#nthRevision(which)
    if (revision === undefined) return
    void this.#proposed({ kind: 'rollbackRevision', revision, ...WHO }).then(async (proposed) => {
      if (proposed !== undefined) await this.#commit(proposed)
    })
  }

  retry(which: number): void {
    const all = this.#nodeRoles()
    const nodeRole = all[which % all.length]
    if (nodeRole) void this.#ask({ kind: 'retryNodeRole', nodeRole: nodeRole.id, by: 'ann' })
  }

  rinse(which: number, size: RinseSize, once: boolean): void {
    const all = this.#nodeRoles()
    const one = all[which % all.length]
    if (one) void this.#ask({ kind: 'rinse', nodeRoles: rinsedWith(one, all, size), once, by: 'ann' })
  }

  hold(word: 'hold' | 'release', which: number, size: ScopeSize): void {
    const scope = this.#scope(which, size)
    if (scope) void this.#ask({ kind: word, scope, by: 'ann' })
  }

  approve(which: number, size: ScopeSize): void {
    const scope = this.#scope(which, size)
    if (scope) void this.#ask({ kind: 'approve', scope, by: 'ann' })
  }

  only(which: number, size: ScopeSize): void {
    const scope = this.#scope(which, size)
    if (scope) void this.#ask({ kind: 'chooseOnly', only: [scope], by: 'ann' })
  }

  cancel(which: number): void {
    const flying = this.#ground.model.inFlight().map(([run]) => run)
    const rinses = this.#ground.model.rinses()
    const name = [...flying, ...rinses][which % (flying.length + rinses.length)]
    if (name === undefined) return
    if (rinses.includes(name)) void this.#ask({ kind: 'cancelRinse', rinse: name, by: 'ann' })
    else void this.#ask({ kind: 'cancelRun', run: name, by: 'ann' })
  }

  /** What is to be repaired is, by itself; for the rest somebody looks at what was found. */
  async lookForDrift(): Promise<void> {
    await this.#ask({ kind: 'askCheck', by: 'ann' })
  }

  exec(which: number): void {
    const nodes = [...(this.#server?.world?.nodes.keys() ?? [])].sort()
    const node = nodes[which % nodes.length]
    if (node !== undefined) void this.#exec(node, which)
  }

  setAvailable(node: string, available: boolean): void {
    void this.#ask({ kind: 'setAvailable', node, available, by: 'ann' })
  }

  forget(node: string): void {
    void this.#ask({ kind: 'forgetNode', node, by: 'ann' }).then((given) => {
      if (given?.ok !== false) this.forgotten.add(node)
    })
  }

  interrupt(): void {
    void this.#ask({ kind: 'stopClaiming', by: 'ann' })
  }

  // --- Processes ----------------------------------------------------------------------------------------------------

  kill(): void {
    this.#ground.stage.tell(`${this.#server?.life.name} is killed`)
    this.#server?.life.die()
  }

  stop(): void {
    void this.#server?.stop('asked to')
  }

  loseRunner(): void {
    void this.#server?.loseRunner()
  }

  forgeReport(which: number, token: number): void {
    const { model } = this.#ground
    const flying = model.inFlight()
    // One that is in flight, with a token that is not its own, is the one to be mistaken for a real report.
    const runs = flying.length > 0 && token !== 0 ? flying : [...model.runs]
    const [run, known] = runs[which % runs.length] ?? []
    if (run === undefined || !known || (known.inFlight && token === 0)) return
    const outcome: RunOutcome = { result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 }
    void this.#ask({ kind: 'reportRun', run, token: known.token + token, outcome }).then((given) => {
      const details = `${run} with ${token} more`
      if (given?.ok) this.#ground.mistake(new Violation('a stale token is refused', details))
    })
  }

  // --- The end ------------------------------------------------------------------------------------------------------

  async tidyUp(): Promise<boolean> {
    const server = this.#server
    const world = server?.world
    if (!server || !world) return true
    if (world.stoppedBy !== undefined) {
      await server.stop('to start anew')
      return true
    }
    const wanted = targetOf(world, dressed(this.#short).site)
    if (wanted.ok && !isHead(world, wanted.value)) {
      await this.#commitChange({ says: 'nothing, and sees that they are not committed', change: {} })
      return true
    }
    if (world.chosen) {
      await server.stop('to start anew, for all')
      return true
    }
    const held = [...world.holds.values()]
    for (const { scope } of held) await this.#ask({ kind: 'release', scope, by: 'ann' })
    const unavailable = [...world.nodes.values()].filter((node) => node.unavailable)
    for (const { name } of unavailable)
      await this.#ask({ kind: 'setAvailable', node: name, available: true, by: 'ann' })
    for (const one of this.#nodeRoles())
      if (waitsForOthers(judge(world, one)) && this.#dice.chance(0.5))
        await this.#ask({ kind: 'approve', scope: scopeAround(one, 'group'), by: 'ann' })
    const waiting = this.#nodeRoles().filter((nodeRole) => waitsForAWord(judge(world, nodeRole)))
    for (const { id } of waiting) await this.#ask({ kind: 'retryNodeRole', nodeRole: id, by: 'ann' })
    const steps = this.#nodeRoles().filter((nodeRole) => waitsForALeave(judge(world, nodeRole)))
    for (const one of steps)
      await this.#ask({ kind: 'approve', scope: scopeAround(one, 'nodeRole'), by: 'ann' })
    return held.length + unavailable.length + waiting.length + steps.length > 0
  }

  async expectRest(): Promise<void> {
    const world = this.#server?.world
    must(world !== undefined && this.#server?.rests === true, 'the fleet comes to rest', () => this.#unrest())
    if (!world || world.stoppedBy !== undefined) return
    must(isAtRest(world), 'the fleet comes to rest', () => this.#unrest())
    expectReasons(world)
  }

  async compare(): Promise<void> {
    const { disk, model, stage, language } = this.#ground
    const world = this.#server?.world
    if (!world || disk.isWriting || disk.isWaiting || model.seq === this.#comparedAt) return
    this.#comparedAt = model.seq
    expectRevisions(world, model)
    expectNoSecrets(world, stage.secrets)
    const follower = (this.#follower ??= { world: newWorld(language), seq: 0 })
    await disk.read((reader) => expectSameAgain(world, reader, follower, language))
  }

  async world(): Promise<World | undefined> {
    return this.#server?.world
  }

  #unrest(): string {
    const world = this.#server?.world
    const counts = world ? JSON.stringify(world.counts) : 'no world'
    const rests = this.#server?.rests ? 'rests' : 'does not rest'
    return `${this.#server?.life.name} ${rests}, ${counts}, ${world?.inFlight.size} in flight`
  }

  // --- Asking -------------------------------------------------------------------------------------------------------

  async #commitChange(change: Change): Promise<void> {
    const revision = await this.#propose(change)
    if (revision !== undefined) await this.#commit(revision)
  }

  async #propose({ says, change }: Change): Promise<number | undefined> {
    this.#say(`edits the files: ${says}`)
    const short = changed(this.#short, change)
    const { site, content } = dressed(short)
    // What validation refuses is not kept.
    if (!targetOf(this.#server?.world ?? newWorld(this.#ground.language), site).ok) {
      this.#say('takes that back: it is not valid')
      return undefined
    }
    this.#before = this.#short
    this.#short = short
    if (!(await this.#server?.keep(content))) return undefined
    return this.#proposed({ kind: 'proposeRevision', site, ...WHO })
  }

  async #proposed(command: Command): Promise<number | undefined> {
    const proposed = await this.#ask(command)
    if (!proposed?.ok) return undefined
    const event = proposed.value.find(({ kind }) => kind === 'revisionProposed')
    return event?.kind === 'revisionProposed' ? event.revision : undefined
  }

  async #commit(revision: number): Promise<void> {
    const onto = this.#server?.world?.head ?? 0
    await this.#ask({ kind: 'commitRevision', revision, onto, ...WHO })
  }

  async #ask(command: Command): Promise<Answer<Event[]> | undefined> {
    const given = await this.#server?.ask(command)
    const { kind } = command
    if (given === undefined) this.#say(`hears nothing of ${kind}`)
    else if (!given.ok) this.#say(`${kind} is refused: ${given.refusal.code}`)
    else this.#say(`${kind} is done`)
    return given
  }

  async #exec(node: string, which: number): Promise<void> {
    const server = this.#server
    const what = { argv: ['true'], become: false, selection: node, nodes: [node], by: 'ann' }
    const given = await this.#ask({ kind: 'startExec', ...what })
    const started = given?.ok ? given.value.find(({ kind }) => kind === 'execStarted') : undefined
    if (started?.kind !== 'execStarted') return
    const outcome = { result: 'done', exit: which % 2, durationMs: which } as const
    this.#ground.stage.time.after(which, () => {
      if (server === this.#server) void this.#ask({ kind: 'finishExec', exec: started.exec, node, outcome })
    })
  }

  #scope(which: number, size: ScopeSize): Scope | undefined {
    const all = this.#nodeRoles()
    const nodeRole = all[which % all.length]
    return nodeRole && scopeAround(nodeRole, size)
  }

  #nthRevision(which: number): number | undefined {
    const revisions = [...this.#ground.model.revisions.keys()]
    return revisions[which % revisions.length]
  }

  #nodeRoles(): NodeRole[] {
    const world = this.#server?.world
    return [...(world?.nodeRoles.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  #say(text: string): void {
    this.#ground.stage.tell(`ann ${text}`)
  }
}
