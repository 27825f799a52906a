// An estimate: how long changes would take, by starting them as the scheduler would, with what was learnt of durations.
// What is not simulated: values that turn out otherwise and make more run, runs that fail, and people who must say a word.
import { Heap } from '../base/heap.ts'
import type { Cause } from '../model/reason.ts'
import type { RunAction } from '../model/run.ts'
import type { Estimate, NodeRoleChange } from '../model/view.ts'
import { bindingOf } from './bind.ts'
import { CONTACT, type Measured, measuredOf, timeOf, UNKNOWN_DURATION_MS } from './expected.ts'
import { type Group, ordersRuns, waitOf } from './graph.ts'
import { judge, nextAction } from './judge.ts'
import { type LockClaim, locksOf } from './locks.ts'
import { hasNothingToRemove, howRests } from './removal.ts'
import { measuredIn, PastRuns } from './past-runs.ts'
import { isStepped } from './rollout.ts'
import { byVariant, stepTargets } from './steps.ts'
import { type NodeRole, rankOf, type World } from './world.ts'

/** `after`: a world in which the changes are committed and nothing has started. Undefined where nothing would run. */
export function estimateChanges(after: World, changes: readonly NodeRoleChange[]): Estimate | undefined {
  const graph = new Graph(after)
  let left = 0
  for (const { nodeRole: id, cause } of changes) {
    const nodeRole = after.nodeRoles.get(id)
    if (!nodeRole || (nodeRole.leaving && hasNothingToRemove(nodeRole))) continue
    if (startsByItself(after, nodeRole)) graph.add(nodeRole, cause)
    else left++
  }
  if (graph.runs === 0 && left === 0) return undefined
  graph.link()
  const [lowMs, expectedMs, highMs] = LEVELS.map((level) => graph.makespan(level)) as [number, number, number]
  return { lowMs, expectedMs, highMs, runs: graph.runs, left, guessed: [...graph.guessed].sort() }
}

const LEVELS = ['low', 'expected', 'high'] as const
type Span = Record<(typeof LEVELS)[number], number>

/** Whether nobody must do something first: bring a node back, give a word, open a window. */
function startsByItself(world: World, nodeRole: NodeRole): boolean {
  const { node } = nodeRole
  if (node && (node.unavailable || node.alive === false)) return false
  const { reason } = judge(world, nodeRole)
  return reason.kind !== 'waits' || !FOR_SOMEBODY.has(reason.wait.kind)
}

const FOR_SOMEBODY = new Set(['approval', 'held', 'window'])

/** A run, or a point in between that all of a group come through. */
interface Task {
  name: string
  rank: number
  ms: Span
  locks: readonly LockClaim[]
  /** How many it waits for in all. */
  needs: number
  /** Those that wait for it. */
  opens: Task[]
}

class Graph {
  readonly guessed = new Set<string>()
  readonly #world: World
  readonly #past: PastRuns
  readonly #tasks = new Map<NodeRole, Task>()
  /** Contacts, ends of groups and ends of steps. */
  readonly #between: Task[] = []
  readonly #byGroup = new Map<Group, NodeRole[]>()
  readonly #ends = new Map<Group, Task>()
  readonly #contacts = new Map<string, Task>()

  constructor(world: World) {
    this.#world = world
    this.#past = new PastRuns(world.runs.values())
  }

  get runs(): number {
    return this.#tasks.size
  }

  add(nodeRole: NodeRole, cause: Cause): void {
    const { group } = nodeRole
    const ms = this.#durationOf(nodeRole, cause)
    this.#tasks.set(nodeRole, newTask(nodeRole.id, ms, rankOf(nodeRole), locksOf(nodeRole)))
    const members = this.#byGroup.get(group)
    if (members) members.push(nodeRole)
    else this.#byGroup.set(group, [nodeRole])
  }

  /** Call it once, when all are added. */
  link(): void {
    for (const [nodeRole, task] of this.#tasks) {
      if (nodeRole.node) order(this.#contactOf(nodeRole.nodeName), task)
      if (nodeRole.leaving) this.#linkRemoval(nodeRole, task)
      else this.#linkNeeds(nodeRole, task)
    }
    for (const [group, members] of this.#byGroup) this.#linkSteps(group, members)
  }

  /** By list scheduling: what may start does so, longest chain behind it first, as far as locks allow. */
  makespan(level: keyof Span): number {
    const open = new Map<Task, number>()
    const ready = new Heap(byRank)
    const running = new Heap<{ task: Task; until: number }>(
      (a, b) => a.until - b.until || (a.task.name < b.task.name ? -1 : 1),
    )
    const locks = new Locks()
    for (const task of [...this.#between, ...this.#tasks.values()]) {
      open.set(task, task.needs)
      if (task.needs === 0) ready.push(task)
    }
    let now = 0
    for (;;) {
      for (let task = ready.pop(); task; task = ready.pop()) {
        if (locks.take(task)) running.push({ task, until: now + task.ms[level] })
        else for (const other of locks.withRoom(task)) ready.push(other)
      }
      const done = running.pop()
      if (!done) return now
      now = done.until
      locks.release(done.task)
      for (const waiter of locks.withRoom(done.task)) ready.push(waiter)
      for (const next of done.task.opens) {
        const needs = (open.get(next) as number) - 1
        open.set(next, needs)
        if (needs === 0) ready.push(next)
      }
    }
  }

  #durationOf(nodeRole: NodeRole, cause: Cause): Span {
    const action = nextAction(nodeRole)
    const apply = this.#spanOf(nodeRole, 'apply', cause)
    if (action === 'apply') return apply
    const before = this.#spanOf(nodeRole, action, cause)
    if (nodeRole.leaving) return before
    // An apply follows what is removed to be applied afresh, and may follow a check.
    return {
      low: before.low + (action === 'check' ? 0 : apply.low),
      expected: before.expected + apply.expected,
      high: before.high + apply.high,
    }
  }

  #spanOf(nodeRole: NodeRole, action: RunAction, cause: Cause): Span {
    const isFirst = timeOf(nodeRole) === 'first'
    const { origins } = bindingOf(nodeRole)
    const alike = this.#past.alike({ nodeRole: nodeRole.id, action, cause, origins, isFirst })
    if (alike) return spanOf(measuredIn(alike, this.#past.deviation, this.#past.pace.factor))
    const known = measuredOf(this.#world.durations, nodeRole, action)
    if (known) return spanOf(known)
    this.guessed.add(nodeRole.group.role.name)
    return { low: UNKNOWN_DURATION_MS, expected: UNKNOWN_DURATION_MS, high: UNKNOWN_DURATION_MS }
  }

  #contactOf(node: string): Task {
    const before = this.#contacts.get(node)
    if (before) return before
    const known = this.#world.durations.get(CONTACT)
    const ms = known ? spanOf(known) : NO_TIME
    const contact = this.#put(newTask(`contact ${node}`, ms))
    this.#contacts.set(node, contact)
    return contact
  }

  #linkRemoval(nodeRole: NodeRole, task: Task): void {
    for (const group of this.#byGroup.keys()) {
      if (group === nodeRole.group) continue
      const how = howRests(group, nodeRole.group)
      if (how === 'anywhere') order(this.#endOf(group), task)
      if (how === 'onNode') this.#orderMember(group, nodeRole, task)
    }
  }

  #linkNeeds(nodeRole: NodeRole, task: Task): void {
    const { group } = nodeRole
    for (const { of, candidates } of group.requires)
      this.#linkRequired(nodeRole, task, candidates, of, new Set())
    for (const candidates of group.after) this.#linkMember(nodeRole, task, candidates)
    for (const input of group.inputs) {
      const { source } = input.spec
      if (source?.kind !== 'output' || source.wait !== 'all') continue
      const late = input.sources.filter((from) => ordersRuns(from, source.output, waitOf(input)))
      if (source.take === 'one') this.#linkMember(nodeRole, task, late)
      else this.#linkAll(task, late)
    }
  }

  /** A milestone is where what it requires is. */
  #linkRequired(
    nodeRole: NodeRole,
    task: Task,
    candidates: readonly Group[],
    of: 'node' | 'deployment',
    seen: Set<Group>,
  ): void {
    const here = of === 'node' ? candidates.find(({ members }) => members.has(nodeRole.nodeName)) : undefined
    const group = here ?? candidates.find(({ members }) => members.size > 0)
    if (!group || seen.has(group)) return
    seen.add(group)
    if (group.role.apply) {
      if (here) this.#orderMember(here, nodeRole, task)
      else this.#linkAll(task, [group])
      return
    }
    for (const next of group.requires)
      this.#linkRequired(nodeRole, task, next.candidates, here ? next.of : 'deployment', seen)
  }

  #linkMember(nodeRole: NodeRole, task: Task, groups: readonly Group[]): void {
    const here = groups.find(({ members }) => members.has(nodeRole.nodeName))
    if (here) this.#orderMember(here, nodeRole, task)
    else this.#linkAll(task, groups)
  }

  #linkAll(task: Task, groups: readonly Group[]): void {
    const group = groups.find(({ members }) => members.size > 0)
    if (group && this.#byGroup.has(group)) order(this.#endOf(group), task)
  }

  #orderMember(group: Group, { nodeName }: NodeRole, task: Task): void {
    const member = group.members.get(nodeName)
    const before = member && this.#tasks.get(member)
    if (before && before !== task) order(before, task)
  }

  #endOf(group: Group): Task {
    const before = this.#ends.get(group)
    if (before) return before
    const end = this.#put(newTask(`end of ${group.id}`, NO_TIME))
    for (const member of this.#byGroup.get(group) ?? []) order(this.#tasks.get(member) as Task, end)
    this.#ends.set(group, end)
    return end
  }

  #linkSteps(group: Group, members: readonly NodeRole[]): void {
    const { rollout } = group
    if (!rollout) return
    for (const { variant, nodes } of byVariant(members.filter(isStepped))) {
      const tasks = nodes.map((node) => this.#tasks.get(group.members.get(node) as NodeRole) as Task)
      const targets = stepTargets(rollout, nodes.length)
      for (const [index, target] of targets.slice(0, -1).entries()) {
        const soak = rollout.soakMs ?? 0
        const end = this.#put(
          newTask(`step ${index} of ${group.id} ${variant}`, { low: soak, expected: soak, high: soak }),
        )
        for (const task of tasks.slice(index === 0 ? 0 : targets[index - 1], target)) order(task, end)
        for (const task of tasks.slice(target, targets[index + 1])) order(end, task)
      }
    }
  }

  #put(task: Task): Task {
    this.#between.push(task)
    return task
  }
}

const NO_TIME: Span = { low: 0, expected: 0, high: 0 }

/** Runs are late by more than they are early. */
function spanOf({ ms, spread }: Measured): Span {
  return { low: Math.max(0, ms - spread), expected: ms, high: ms + 2 * spread }
}

function newTask(name: string, ms: Span, rank = Infinity, locks: readonly LockClaim[] = []): Task {
  return { name, rank, ms, locks, needs: 0, opens: [] }
}

function order(before: Task, after: Task): void {
  before.opens.push(after)
  after.needs++
}

function byRank(a: Task, b: Task): number {
  return b.rank - a.rank || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
}

/** How many hold what, and who waits for it. */
class Locks {
  readonly #held = new Map<string, { count: number; waiting: Heap<Task> }>()

  take(task: Task): boolean {
    for (const { key, capacity } of task.locks) {
      const lock = this.#held.get(key)
      if (!lock || lock.count < capacity) continue
      lock.waiting.push(task)
      return false
    }
    for (const { key } of task.locks) {
      const lock = this.#held.get(key)
      if (lock) lock.count++
      else this.#held.set(key, { count: 1, waiting: new Heap(byRank) })
    }
    return true
  }

  release(task: Task): void {
    for (const { key } of task.locks) {
      const lock = this.#held.get(key)
      if (lock) lock.count--
    }
  }

  /** For each lock of a task that does not hold it, the best of those that wait and may find room in it. */
  withRoom(task: Task): Task[] {
    return task.locks.flatMap(({ key, capacity }) => {
      const lock = this.#held.get(key)
      return lock && lock.count < capacity ? (lock.waiting.pop() ?? []) : []
    })
  }
}
