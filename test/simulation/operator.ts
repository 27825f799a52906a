// The operator: edits the site's files, proposes, commits, retries; an answer may come, be a refusal, or never come.
import { isHead, targetOf } from '../../src/annealer/decide.ts'
import { judge } from '../../src/annealer/judge.ts'
import type { NodeRole } from '../../src/annealer/world.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { Command } from '../../src/model/command.ts'
import type { Event } from '../../src/model/event.ts'
import type { Answer } from '../../src/model/refusal.ts'
import { changed } from '../support/short-site.ts'
import { type Change, dressed } from './sites.ts'
import type { Universe } from './universe.ts'

const WHO = { author: 'ann', message: '' }

export class Operator {
  /** What the files say now. */
  short: JsonObject
  /** Nodes that were forgotten unreached: what is left on them is nobody's. */
  readonly forgotten = new Set<string>()
  readonly #universe: Universe

  constructor(universe: Universe, short: JsonObject) {
    this.#universe = universe
    this.short = short
  }

  async commit(change: Change): Promise<void> {
    const revision = await this.propose(change)
    if (revision !== undefined) await this.#commit(revision)
  }

  async propose({ says, change }: Change): Promise<number | undefined> {
    this.#say(`edits the files: ${says}`)
    this.short = changed(this.short, change)
    const { site, content } = dressed(this.short)
    if (!(await this.#universe.server?.keep(content))) return undefined
    const proposed = await this.ask({ kind: 'proposeRevision', site, ...WHO })
    if (!proposed?.ok) return undefined
    const event = proposed.value.find(({ kind }) => kind === 'revisionProposed')
    return event?.kind === 'revisionProposed' ? event.revision : undefined
  }

  /** One that was left lying; it may be out of date by now, and is then refused. */
  async commitProposal(which: number): Promise<void> {
    const revisions = [...this.#universe.model.revisions.keys()]
    if (revisions.length > 0) await this.#commit(revisions[which % revisions.length] as number)
  }

  async discard(which: number): Promise<void> {
    const revisions = [...this.#universe.model.revisions.keys()]
    const revision = revisions[which % revisions.length]
    if (revision !== undefined) await this.ask({ kind: 'discardRevision', revision, author: 'ann' })
  }

  async retry(which: number): Promise<void> {
    const all = this.#nodeRoles()
    const nodeRole = all[which % all.length]
    if (nodeRole) await this.ask({ kind: 'retryNodeRole', nodeRole: nodeRole.id, by: 'ann' })
  }

  async setAvailable(node: string, available: boolean): Promise<void> {
    await this.ask({ kind: 'setAvailable', node, available, by: 'ann' })
  }

  async forget(node: string): Promise<void> {
    const given = await this.ask({ kind: 'forgetNode', node, by: 'ann' })
    if (given?.ok !== false) this.forgotten.add(node)
  }

  async stopClaiming(): Promise<void> {
    await this.ask({ kind: 'stopClaiming', by: 'ann' })
  }

  /** After the trouble: what is committed is what the files say, and what waits for a word gets it. Whether anything was to do. */
  async tidyUp(): Promise<boolean> {
    const { server } = this.#universe
    const { world } = server ?? {}
    if (!server || !world) return true
    if (world.stoppedBy !== undefined) {
      await server.stop('to start anew')
      return true
    }
    const wanted = targetOf(world, dressed(this.short).site)
    if (wanted.ok && !isHead(world, wanted.value)) {
      await this.commit({ says: 'nothing, and sees that they are not committed', change: {} })
      return true
    }
    let asked = false
    for (const [name, { unavailable }] of world.nodes) {
      if (!unavailable) continue
      asked = true
      await this.setAvailable(name, true)
    }
    for (const nodeRole of this.#nodeRoles()) {
      const { state, reason } = judge(world, nodeRole)
      const waits = reason.kind === 'waits' && reason.wait.kind === 'approval'
      if (state !== 'error' && !waits) continue
      asked = true
      await this.ask({ kind: 'retryNodeRole', nodeRole: nodeRole.id, by: 'ann' })
    }
    return asked
  }

  async ask(command: Command): Promise<Answer<Event[]> | undefined> {
    const given = await this.#universe.server?.ask(command)
    const { kind } = command
    if (given === undefined) this.#say(`hears nothing of ${kind}`)
    else if (!given.ok) this.#say(`${kind} is refused: ${given.refusal.code}`)
    else this.#say(`${kind} is done`)
    return given
  }

  async #commit(revision: number): Promise<void> {
    const onto = this.#universe.server?.world?.head ?? 0
    await this.ask({ kind: 'commitRevision', revision, onto, ...WHO })
  }

  #nodeRoles(): NodeRole[] {
    const { world } = this.#universe.server ?? {}
    return [...(world?.nodeRoles.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  #say(text: string): void {
    this.#universe.stage.tell(`ann ${text}`)
  }
}
