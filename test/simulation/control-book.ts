// The book of controls: what people held, chose and cancelled, by the events alone, and what must not start because of it.
import type { Event } from '../../src/model/event.ts'
import type { NodeRoleId } from '../../src/model/names.ts'
import { type Scope, scopeKey, scopeName } from '../../src/model/scope.ts'
import { isOver } from '../support/scopes.ts'

export class ControlBook {
  readonly #holds = new Map<string, Scope>()
  #only: Scope[] | undefined
  /** Runs that somebody wants to end. */
  readonly #asked = new Map<NodeRoleId, string>()
  readonly #cancelled = new Map<NodeRoleId, string>()
  /** Turned round by a rinse or a commit since their last run began: how that ends says nothing of the way back. */
  readonly #turned = new Set<NodeRoleId>()
  /** The last one of each. */
  readonly #rinses = new Map<NodeRoleId, string>()
  #placed: ReadonlySet<NodeRoleId> = new Set()

  /** `placed`: all that the head of the timeline places. */
  hear(event: Event, placed: ReadonlySet<NodeRoleId>): string | undefined {
    switch (event.kind) {
      case 'held':
        // What is on its way out takes its hold along when it is gone.
        if (isThere(event.scope, placed)) this.#holds.set(scopeKey(event.scope), event.scope)
        return undefined
      case 'released':
        this.#holds.delete(scopeKey(event.scope))
        return undefined
      case 'onlyChosen':
        this.#only = event.only
        return undefined
      case 'sessionStarted':
        this.#only = undefined
        return undefined
      case 'revisionCommitted':
        this.#forgetAllBut(placed)
        return undefined
      case 'runCancelAsked':
        this.#asked.set(event.nodeRole, event.run)
        return undefined
      case 'runFinished':
        this.#end(event, event.outcome.result === 'ok' || !placed.has(event.nodeRole))
        return undefined
      case 'runLost':
        this.#end(event, !placed.has(event.nodeRole))
        return undefined
      case 'rerunAsked':
        this.#free(event.nodeRole)
        return undefined
      case 'rinseAsked':
        for (const nodeRole of event.nodeRoles) {
          this.#turnRound(nodeRole)
          this.#rinses.set(nodeRole, event.rinse)
        }
        return undefined
      case 'rinseCancelled':
        for (const [nodeRole, rinse] of this.#rinses) if (rinse === event.rinse) this.#turnRound(nodeRole)
        return undefined
      case 'runStarted':
        this.#turned.delete(event.nodeRole)
        return this.#whyNot(event.nodeRole)
      default:
        return undefined
    }
  }

  #whyNot(nodeRole: NodeRoleId): string | undefined {
    const hold = [...this.#holds.values()].find((scope) => isOver(scope, nodeRole))
    if (hold) return `${nodeRole} starts and ${scopeName(hold)} is held`
    if (this.#only && !this.#only.some((scope) => isOver(scope, nodeRole)))
      return `${nodeRole} starts and the session is for ${this.#only.map(scopeName).join(', ')}`
    const run = this.#cancelled.get(nodeRole)
    return run === undefined ? undefined : `${nodeRole} starts again unasked after ${run} was cancelled`
  }

  #end({ run, nodeRole }: { run: string; nodeRole: NodeRoleId }, isOver: boolean): void {
    if (this.#asked.get(nodeRole) !== run) return
    this.#asked.delete(nodeRole)
    if (!isOver && !this.#turned.has(nodeRole)) this.#cancelled.set(nodeRole, run)
  }

  #turnRound(nodeRole: NodeRoleId): void {
    this.#free(nodeRole)
    this.#turned.add(nodeRole)
  }

  #free(nodeRole: NodeRoleId): void {
    this.#asked.delete(nodeRole)
    this.#cancelled.delete(nodeRole)
  }

  /** What is not placed any more may start to be removed, and begins anew when it is placed again. */
  #forgetAllBut(placed: ReadonlySet<NodeRoleId>): void {
    for (const [key, scope] of this.#holds) {
      if (!isThere(scope, placed)) this.#holds.delete(key)
    }
    for (const id of [...this.#cancelled.keys(), ...this.#asked.keys()]) if (!placed.has(id)) this.#free(id)
    for (const id of placed) if (!this.#placed.has(id)) this.#turned.add(id)
    this.#placed = placed
  }
}

function isThere(scope: Scope, placed: ReadonlySet<NodeRoleId>): boolean {
  return scope.kind === 'site' || [...placed].some((id) => isOver(scope, id))
}
