// What is going on, from the feed to lines: counts per role, the temperature, what runs now and for how long.
import { formatDuration } from '../base/duration.ts'
import { type NodeRoleId, nodeRoleName } from '../model/names.ts'
import type { Feed } from '../model/operations.ts'
import type { State } from '../model/reason.ts'
import type { RunId } from '../model/run.ts'
import type { NodeRoleView, RunView, StatusView } from '../model/view.ts'
import { barSpans, countSpans, PART_OF_STATE, type Tally } from './bar.ts'
import { compare, formatTemperature } from './status-text.ts'
import { type Line, type Span, styled } from './text.ts'

/** Costs one step per feed, whatever the size of the site. */
export class Progress {
  readonly #roles = new Map<string, Tally>()
  readonly #states = new Map<NodeRoleId, State>()
  readonly #running = new Map<RunId, RunView>()
  /** Node-roles that wait for the first contact with their node, by node. */
  readonly #contacts = new Map<string, Set<NodeRoleId>>()
  readonly #contactOf = new Map<NodeRoleId, string>()
  #startedAt: number | undefined
  #finished = 0
  #failed = 0

  take(feed: Feed): void {
    switch (feed.kind) {
      case 'status':
        return this.#startFrom(feed.status)
      case 'nodeRole':
        this.#follow(feed.after)
        return this.#move(feed.after.id, feed.after.state)
      case 'gone':
        this.#unfollow(feed.nodeRole)
        return this.#move(feed.nodeRole, undefined)
      case 'run':
        return this.#run(feed.run)
      case 'node':
      case 'refused':
      case 'notice':
        return
    }
  }

  /** As a status has it: the share that is not active. */
  temperature(): number {
    let done = 0
    for (const tally of this.#roles.values()) done += tally.done
    return this.#states.size === 0 ? 0 : 1 - done / this.#states.size
  }

  lines(now: number, columns: number, rows: number): Line[] {
    const roleRows = Math.max(1, Math.floor((rows - 3) * 0.6))
    const runRows = Math.max(1, Math.min(8, rows - 3 - Math.min(roleRows, this.#roles.size)))
    return [...this.#roleLines(roleRows, columns), this.#headline(now), ...this.#runLines(now, runRows)]
  }

  #startFrom(status: StatusView): void {
    this.#roles.clear()
    this.#states.clear()
    for (const each of status.nodeRoles) {
      this.#follow(each)
      this.#move(each.id, each.state)
    }
    const running = status.nodeRoles.map(runOf).filter((run) => run !== undefined)
    for (const run of running) this.#running.set(run.run, this.#running.get(run.run) ?? run)
  }

  #move(id: NodeRoleId, after: State | undefined): void {
    const tally = this.#tallyOf(id)
    const before = this.#states.get(id)
    if (before !== undefined) tally[PART_OF_STATE[before]]--
    if (after === undefined) {
      this.#states.delete(id)
      if (tally.done + tally.running + tally.waiting + tally.failed === 0) this.#roles.delete(roleKey(id))
      return
    }
    tally[PART_OF_STATE[after]]++
    this.#states.set(id, after)
  }

  #follow({ id, reason }: NodeRoleView): void {
    this.#unfollow(id)
    if (reason.kind !== 'waits' || reason.wait.kind !== 'contact') return
    const { node } = reason.wait
    const waiting = this.#contacts.get(node)
    if (waiting === undefined) this.#contacts.set(node, new Set([id]))
    else waiting.add(id)
    this.#contactOf.set(id, node)
  }

  #unfollow(id: NodeRoleId): void {
    const node = this.#contactOf.get(id)
    if (node === undefined) return
    this.#contactOf.delete(id)
    const waiting = this.#contacts.get(node)
    waiting?.delete(id)
    if (waiting?.size === 0) this.#contacts.delete(node)
  }

  #run(run: RunView): void {
    this.#startedAt = Math.min(this.#startedAt ?? run.startedAt, run.startedAt)
    if (run.result === 'running') {
      this.#running.set(run.run, run)
      return
    }
    this.#running.delete(run.run)
    this.#finished++
    if (run.result !== 'ok') this.#failed++
  }

  #tallyOf(id: NodeRoleId): Tally {
    const key = roleKey(id)
    let tally = this.#roles.get(key)
    if (tally === undefined) {
      tally = { done: 0, running: 0, waiting: 0, failed: 0 }
      this.#roles.set(key, tally)
    }
    return tally
  }

  /** Roles where something is going on come first; quiet ones share a line when there is no room. */
  #roleLines(rows: number, columns: number): Line[] {
    const roles = [...this.#roles].sort(([a, x], [b, y]) => quiet(x) - quiet(y) || compare(a, b))
    const shown = roles.length <= rows ? roles : roles.slice(0, rows - 1)
    const widest = Math.min(40, Math.max(0, ...shown.map(([name]) => name.length)))
    const barColumns = Math.max(8, Math.min(30, columns - widest - 50))
    const lines = shown
      .sort(([a], [b]) => compare(a, b))
      .map(
        ([name, tally]): Line => [
          name.padEnd(widest),
          '  ',
          ...barSpans(tally, barColumns),
          '  ',
          ...countSpans(tally),
        ],
      )
    const hidden = roles.length - shown.length
    return hidden === 0 ? lines : [...lines, [styled('faint', `and ${hidden} more roles`)]]
  }

  #headline(now: number): Line {
    const spans: Span[] = [styled('strong', `temperature ${formatTemperature(this.temperature())}`)]
    spans.push(`  ${this.#running.size} running, ${this.#finished} finished`)
    if (this.#failed > 0) spans.push(', ', styled('bad', `${this.#failed} failed`))
    const machines = this.#contacts.size
    if (machines === 1) spans.push(`, contacting ${[...this.#contacts.keys()][0]}`)
    else if (machines > 0) spans.push(`, contacting ${machines} machines`)
    if (this.#startedAt !== undefined)
      spans.push(styled('faint', `  ${formatDuration(now - this.#startedAt)}`))
    return spans
  }

  /** The longest running first: these are what the rest waits for. */
  #runLines(now: number, rows: number): Line[] {
    const running = [...this.#running.values()].sort(
      (a, b) => a.startedAt - b.startedAt || compare(a.run, b.run),
    )
    const shown = running.length <= rows ? running : running.slice(0, rows - 1)
    const lines = shown.map(
      (run): Line => [
        styled('busy', '> '),
        run.nodeRole,
        `  ${run.action} for ${formatDuration(Math.max(0, now - run.startedAt))}`,
        styled('faint', `  ${run.run}`),
      ],
    )
    const hidden = running.length - shown.length
    return hidden === 0 ? lines : [...lines, [styled('faint', `and ${hidden} more runs`)]]
  }
}

/** A status says of what is running all that a line needs. */
function runOf(nodeRole: NodeRoleView): RunView | undefined {
  const { reason } = nodeRole
  if (reason.kind !== 'running') return undefined
  return {
    run: reason.run,
    nodeRole: nodeRole.id,
    action: reason.action,
    result: 'running',
    startedAt: reason.since,
    attempt: 1,
    cause: reason.cause,
    revision: 0,
  }
}

function roleKey(id: NodeRoleId): string {
  const { deployment, role } = nodeRoleName(id)
  return `${deployment}/${role}`
}

function quiet(tally: Tally): number {
  return tally.running + tally.waiting + tally.failed === 0 ? 1 : 0
}
