// Node-roles that are not quietly active, as far as the page knows them: what the lanes show and cells say when pointed at.
import type { NodeRoleView } from '../../../src/model/view.ts'
import { ask } from '../http/ask.ts'
import type { Page } from '../http/shapes.ts'

export type Lane = 'failed' | 'running' | 'waiting' | 'held'

/** More than this nobody reads line by line; the counts come from the cells and are whole. */
const MOST = 20_000
const ASKED = 500

export class Tellings {
  readonly #views = new Map<string, NodeRoleView>()
  /** Of those that are looked at now. */
  readonly #looked = new Map<string, number>()

  changesOf(id: string): number {
    const changes = this.#looked.get(id)
    if (changes === undefined) this.#looked.set(id, 0)
    return changes ?? 0
  }

  get(id: string): NodeRoleView | undefined {
    return this.#views.get(id)
  }

  take(view: NodeRoleView): void {
    const looked = this.#looked.get(view.id)
    if (looked !== undefined) this.#looked.set(view.id, looked + 1)
    // A map keeps the place of a known key: what has changed last shall come last.
    this.#views.delete(view.id)
    if (isQuiet(view)) return
    if (this.#views.size >= MOST && laneOf(view) === 'waiting') return
    this.#views.set(view.id, view)
  }

  forgetAll(): void {
    this.#views.clear()
  }

  drop(id: string): void {
    this.#views.delete(id)
  }

  /** Newest change first, in each lane. */
  lanes(): Record<Lane, NodeRoleView[]> {
    const lanes: Record<Lane, NodeRoleView[]> = { failed: [], running: [], waiting: [], held: [] }
    for (const view of this.#views.values()) {
      const lane = laneOf(view)
      if (lane !== undefined) lanes[lane].push(view)
    }
    for (const views of Object.values(lanes)) views.reverse()
    return lanes
  }

  async load(onLoaded: () => void): Promise<void> {
    for (const state of ['error', 'transition', 'todo', 'blocked']) {
      const asked = await ask<Page<NodeRoleView>>(`/node-roles?state=${state}&limit=${ASKED}`)
      if (!asked.ok) continue
      // What the stream told meanwhile is newer.
      for (const view of asked.value.items) if (!this.#views.has(view.id)) this.take(view)
      onLoaded()
    }
  }
}

/** In error; a run in flight; waiting for a person; waiting for anything else. */
export function laneOf({ state, reason }: NodeRoleView): Lane | undefined {
  if (state === 'error') return 'failed'
  if (state === 'transition') return 'running'
  if (state === 'active' || state === 'proposed') return undefined
  if (reason.kind === 'notAvailable') return 'held'
  if (reason.kind !== 'waits') return 'waiting'
  const { wait } = reason
  const isForWord =
    wait.kind === 'held' ||
    wait.kind === 'approval' ||
    wait.kind === 'stopped' ||
    (wait.kind === 'step' && wait.hold.kind === 'approval')
  return isForWord ? 'held' : 'waiting'
}

function isQuiet({ state, reason }: NodeRoleView): boolean {
  return state === 'active' && (reason.kind === 'current' || reason.kind === 'milestone')
}
