// The lower bound: what no order could be shorter than, whatever it knows beforehand.
import type { Group } from '../../src/annealer/graph.ts'
import { ordersRuns, waitOf } from '../../src/annealer/graph.ts'
import type { NodeRole, RunRecord, World } from '../../src/annealer/world.ts'

/** A run as the bound sees it: how long it takes, after what, and on which machines. */
interface Task {
  ms: number
  before: Task[]
  after: Task[]
  /** Each lock is a machine: a node, a name with a capacity, the slots of all. */
  machines: Map<string, number>
  /** How long it is at least from the beginning to its start, and from its end to the end of all. */
  head: number
  tail: number
}

/**
 * The longest of: each chain of runs that must follow each other, where those of them that share a lock are counted one
 * after the other, and the work of each lock over its capacity, with what must come before and after it. For a lock of one
 * that is Jackson's preemptive schedule (Carlier 1982), which is the best bound there is for one machine that is cheap.
 */
export function lowerBoundMs(world: World, runs: readonly RunRecord[]): number {
  const tasks = tasksOf(world, runs)
  const ordered = inOrder(tasks)
  const machines = machinesOf(tasks)
  reach(ordered, 'before', 'head')
  reach(ordered.toReversed(), 'after', 'tail')
  let bound = 0
  for (const { head, ms, tail } of tasks) bound = Math.max(bound, head + ms + tail)
  for (const [key, members] of machines)
    bound = Math.max(
      bound,
      members.every(({ machines: own }) => own.get(key) === 1)
        ? jackson(members)
        : overCapacity(members, key),
    )
  return bound
}

function tasksOf(world: World, runs: readonly RunRecord[]): Task[] {
  const byNodeRole = new Map<NodeRole, { run: RunRecord; task: Task }>()
  for (const run of runs) {
    const nodeRole = world.nodeRoles.get(run.nodeRole)
    if (!nodeRole || byNodeRole.has(nodeRole)) continue
    const machines = new Map(run.locks.map(({ key, capacity }) => [key, capacity]))
    const ms = (run.endedAt ?? run.startedAt) - run.startedAt
    byNodeRole.set(nodeRole, { run, task: { ms, before: [], after: [], machines, head: 0, tail: 0 } })
  }
  for (const [nodeRole, { run, task }] of byNodeRole) {
    for (const other of needsOf(nodeRole)) {
      const before = byNodeRole.get(other)
      // What it did not wait for is nothing that it must wait for.
      if (!before || before.task === task || (before.run.endedAt ?? Infinity) > run.startedAt) continue
      task.before.push(before.task)
      before.task.after.push(task)
    }
  }
  return [...byNodeRole.values()].map(({ task }) => task)
}

/** Whose runs must be over before this one may start. A milestone has no run: what it requires stands for it. */
function needsOf(nodeRole: NodeRole, seen = new Set<NodeRole>()): Set<NodeRole> {
  const needs = new Set<NodeRole>()
  const add = (one: NodeRole): void => {
    if (seen.has(one)) return
    seen.add(one)
    if (one.group.role.apply) needs.add(one)
    else for (const other of needsOf(one, seen)) needs.add(other)
  }
  const { group, nodeName } = nodeRole
  for (const { of, candidates } of group.requires) meant(nodeName, candidates, of).forEach(add)
  for (const candidates of group.after) {
    const here = candidates.find(({ members }) => members.has(nodeName))?.members.get(nodeName)
    if (here) add(here)
  }
  for (const input of group.inputs) {
    const { source } = input.spec
    if (source?.kind !== 'output' || source.wait !== 'all') continue
    const late = input.sources.filter((from) => ordersRuns(from, source.output, waitOf(input)))
    const one = source.take === 'one' ? meant(nodeName, late, 'node') : []
    // Who reads one output and has none on its own node reads that of the only member elsewhere.
    for (const source of one.length > 0 ? one : meant(nodeName, late, 'deployment')) add(source)
  }
  return needs
}

function meant(nodeName: string, candidates: readonly Group[], of: 'node' | 'deployment'): NodeRole[] {
  for (const { members, role } of candidates) {
    if (members.size === 0) continue
    if (of === 'deployment' || role.per === 'deployment') return [...members.values()]
    const here = members.get(nodeName)
    if (here) return [here]
  }
  return []
}

function inOrder(tasks: readonly Task[]): Task[] {
  const waits = new Map(tasks.map((task) => [task, task.before.length]))
  const ordered = tasks.filter(({ before }) => before.length === 0)
  for (const task of ordered) {
    for (const next of task.after) {
      const left = (waits.get(next) as number) - 1
      waits.set(next, left)
      if (left === 0) ordered.push(next)
    }
  }
  return ordered
}

function machinesOf(tasks: readonly Task[]): Map<string, Task[]> {
  const machines = new Map<string, Task[]>()
  for (const task of tasks) {
    for (const key of task.machines.keys()) {
      const known = machines.get(key)
      if (known) known.push(task)
      else machines.set(key, [task])
    }
  }
  return machines
}

/** Who knows a lock by a capacity has that share of it: there are never more holders than the least of theirs allows. */
function loadOf({ ms, machines }: Task, key: string): number {
  return ms / (machines.get(key) ?? 1)
}

/** Along the chains, and by all that stands on one machine in front: of each number of those that may begin last, their work. */
function reach(ordered: readonly Task[], way: 'before' | 'after', end: 'head' | 'tail'): void {
  const all = new Map<Task, Set<Task>>()
  for (const task of ordered) {
    const far = new Set<Task>()
    let least = 0
    for (const near of task[way]) {
      least = Math.max(least, near[end] + near.ms)
      far.add(near)
      for (const one of all.get(near) ?? []) far.add(one)
    }
    all.set(task, far)
    const sums = new Map<string, number>()
    for (const one of [...far].sort((a, b) => b[end] - a[end])) {
      for (const key of one.machines.keys()) {
        const sum = (sums.get(key) ?? 0) + loadOf(one, key)
        sums.set(key, sum)
        least = Math.max(least, one[end] + sum)
      }
    }
    task[end] = least
  }
}

/** On one machine, with interruptions allowed: of those that may run, always the one with the longest tail. */
function jackson(members: readonly Task[]): number {
  const coming = [...members].sort((a, b) => a.head - b.head)
  const open: { tail: number; left: number }[] = []
  let now = 0
  let bound = 0
  let next = 0
  while (next < coming.length || open.length > 0) {
    if (open.length === 0) now = Math.max(now, coming[next]?.head ?? 0)
    for (; next < coming.length && (coming[next] as Task).head <= now; next++)
      open.push({ tail: (coming[next] as Task).tail, left: (coming[next] as Task).ms })
    open.sort((a, b) => a.tail - b.tail)
    const one = open.at(-1) as (typeof open)[number]
    const until = Math.min(now + one.left, coming[next]?.head ?? Infinity)
    one.left -= until - now
    now = until
    // Heads are fractions where a lock has several places: what is left of one may be less than a number can say.
    if (one.left > 1e-3) continue
    open.pop()
    bound = Math.max(bound, now + one.tail)
  }
  return bound
}

/**
 * For each pair of a head and a tail: those that begin no earlier and end no later than these allow. With as many places as
 * they all say, each place begins with one of them and ends with one, so that the least heads and tails of so many count
 * and not the least alone (Carlier 1987, for machines that are alike).
 */
function overCapacity(members: readonly Task[], key: string): number {
  const byTail = [...members].sort((a, b) => b.tail - a.tail)
  const capacities = new Set(members.map(({ machines }) => machines.get(key) as number))
  const places = capacities.size === 1 ? ([...capacities][0] as number) : Infinity
  let bound = 0
  for (const from of new Set(members.map(({ head }) => head))) {
    let sum = 0
    const heads: number[] = []
    const tails: number[] = []
    for (const task of byTail) {
      if (task.head < from) continue
      sum += loadOf(task, key)
      bound = Math.max(bound, from + sum + task.tail)
      tails.push(task.tail)
      keepLeast(heads, task.head, places)
      if (tails.length >= places) bound = Math.max(bound, mean(heads) + sum + mean(tails.slice(-places)))
    }
  }
  return bound
}

/** Into a list in order that keeps the `most` least of all. */
function keepLeast(least: number[], value: number, most: number): void {
  if (least.length >= most && value >= (least.at(-1) as number)) return
  const at = least.findIndex((other) => other > value)
  least.splice(at < 0 ? least.length : at, 0, value)
  if (least.length > most) least.pop()
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
