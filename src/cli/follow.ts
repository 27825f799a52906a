// Makes a feed from looking again and again: what a watcher sees of a site that another process anneals.
import type { Feed, Operations } from '../model/operations.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { Refusal } from '../model/refusal.ts'
import type { RunId } from '../model/run.ts'
import type { NodeRoleView, RunView, StatusView } from '../model/view.ts'

export type Looked = { ok: true; feeds: Feed[]; status: StatusView } | { ok: false; refusal: Refusal }

/** More than these may end between two looks; then the oldest of them go untold. */
const RUNS_PER_LOOK = 200

export class Follower {
  readonly #operations: Operations
  #nodeRoles: Map<NodeRoleId, NodeRoleView> | undefined
  #runs = new Map<RunId, RunView['result']>()

  constructor(operations: Operations) {
    this.#operations = operations
  }

  /** The first look tells the whole status; each further one what is different. */
  async look(now: number): Promise<Looked> {
    const status = await this.#operations.status()
    if (!status.ok) return status
    const runs = await this.#operations.runs({ limit: RUNS_PER_LOOK })
    if (!runs.ok) return runs
    const first = this.#nodeRoles === undefined
    const feeds: Feed[] = [...this.#statusFeeds(status.value, now), ...this.#runFeeds(runs.value, first, now)]
    return { ok: true, feeds, status: status.value }
  }

  #statusFeeds(status: StatusView, now: number): Feed[] {
    const known = this.#nodeRoles
    this.#nodeRoles = new Map(status.nodeRoles.map((each) => [each.id, each]))
    if (known === undefined) return [{ kind: 'status', status }]
    const feeds: Feed[] = []
    for (const after of status.nodeRoles) {
      const before = known.get(after.id)
      if (before === undefined) feeds.push({ kind: 'nodeRole', after, at: now })
      else if (before.state !== after.state)
        feeds.push({ kind: 'nodeRole', before: before.state, after, at: now })
    }
    for (const id of known.keys())
      if (!this.#nodeRoles.has(id)) feeds.push({ kind: 'gone', nodeRole: id, at: now })
    return feeds
  }

  /** Runs that were over before the first look are history, which `anneal runs` tells. */
  #runFeeds(runs: readonly RunView[], first: boolean, now: number): Feed[] {
    const seen = new Map<RunId, RunView['result']>()
    const feeds: Feed[] = []
    for (const run of [...runs].sort((a, b) => a.startedAt - b.startedAt)) {
      seen.set(run.run, run.result)
      const isNews = first ? run.result === 'running' : this.#runs.get(run.run) !== run.result
      if (isNews) feeds.push({ kind: 'run', run, at: now })
    }
    this.#runs = seen
    return feeds
  }
}
