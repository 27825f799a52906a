// Early outputs: told before any run, from what they read, until each says what it says of all the others.
import type { Json } from '../base/json.ts'
import type { EarlyCircle, EarlyPlan, Group, InputPlan } from './graph.ts'
import { bindInput, scopeOf } from './bind.ts'
import { hear } from './hubs.ts'
import { touch, touchReaders } from './touch.ts'
import { shortText, type Value, valueOf } from './value.ts'
import type { NodeRole, World } from './world.ts'

/** Tells all that are marked and what they mark in turn; answers how many node-roles were looked at. */
export function settleEarly(world: World): number {
  let visited = 0
  while (world.unsaid.size > 0) {
    const circles = new Set<EarlyCircle>()
    for (const nodeRole of world.unsaid) {
      world.unsaid.delete(nodeRole)
      if (nodeRole.leaving || world.nodeRoles.get(nodeRole.id) !== nodeRole) continue
      visited++
      for (const early of nodeRole.group.early) {
        if (early.circle) circles.add(early.circle)
        else if (say(nodeRole, early, told(nodeRole, early))) touchReaders(world, nodeRole, early.name)
      }
    }
    for (const circle of circles) visited += tellCircle(world, circle)
  }
  return visited
}

function told(nodeRole: NodeRole, early: EarlyPlan): Value | undefined {
  for (const index of early.needs) bindInput(nodeRole, nodeRole.group.inputs[index] as InputPlan)
  if (early.reads.some((index) => !nodeRole.inputs[index])) return undefined
  const result = early.expression.evaluate(scopeOf(nodeRole))
  if (!result.ok) return undefined
  const value = valueOf(result.value)
  return early.check(value) === undefined ? value : undefined
}

/** Whether it is something else than before. */
function say(nodeRole: NodeRole, early: EarlyPlan, value: Value | undefined): boolean {
  const before = nodeRole.early.get(early.name)?.digest
  if (value) nodeRole.early.set(early.name, value)
  else nodeRole.early.delete(early.name)
  return value?.digest !== before
}

interface Point {
  nodeRole: NodeRole
  early: EarlyPlan
}

/** Far more than a circle that settles at all has need of. */
const ROUNDS_MOST = 50
const ROUNDS_SHOWN = 3

/**
 * From nothing, all at once, round by round: what comes out depends on what the circle reads from outside and not on
 * what it said before. One that does not settle says nothing, and its node-roles are told to oscillate.
 */
function tellCircle(world: World, circle: EarlyCircle): number {
  const points = pointsOf(circle)
  const before = points.map(({ nodeRole, early }) => nodeRole.early.get(early.name)?.digest)
  for (const point of points) sayInCircle(point, undefined)
  let rounds = 1
  while (tellRound(points)) if (rounds++ >= ROUNDS_MOST) break
  if (rounds > ROUNDS_MOST) giveUp(points)
  for (const [index, { nodeRole, early }] of points.entries()) {
    if (rounds <= ROUNDS_MOST && nodeRole.circling) nodeRole.circling = undefined
    touch(world, nodeRole)
    if (nodeRole.early.get(early.name)?.digest !== before[index]) touchReaders(world, nodeRole, early.name)
  }
  return points.length * rounds
}

function pointsOf(circle: EarlyCircle): Point[] {
  const membersOf = (group: Group): NodeRole[] => [...group.members.values()]
  return circle.points.flatMap(({ group, early }) =>
    membersOf(group).map((nodeRole) => ({ nodeRole, early })),
  )
}

/** Each point by what all said in the round before; whether one of them changed. */
function tellRound(points: readonly Point[]): boolean {
  const values = points.map(({ nodeRole, early }) => told(nodeRole, early))
  return points.map((point, index) => sayInCircle(point, values[index])).includes(true)
}

function sayInCircle({ nodeRole, early }: Point, value: Value | undefined): boolean {
  const changed = say(nodeRole, early, value)
  if (changed) hear(nodeRole, early.name)
  return changed
}

function giveUp(points: readonly Point[]): void {
  const seen = points.map((): string[] => [])
  for (let round = 0; round < ROUNDS_SHOWN; round++) {
    tellRound(points)
    for (const [index, { nodeRole, early }] of points.entries()) {
      seen[index]?.push(shown(nodeRole, early, nodeRole.early.get(early.name)?.json))
    }
  }
  for (const [index, { nodeRole, early }] of points.entries()) {
    const input = nodeRole.group.inputs.find(
      (one) => early.needs.includes(one.index) && one.sources.length > 0,
    )
    const from = points.find(
      (other) => input?.sources.includes(other.nodeRole.group) && other.nodeRole !== nodeRole,
    )
    nodeRole.circling = {
      nodeRole: (from ?? { nodeRole }).nodeRole.id,
      input: input?.name ?? '',
      values: seen[from ? points.indexOf(from) : index] ?? [],
    }
  }
  for (const point of points) sayInCircle(point, undefined)
}

function shown(nodeRole: NodeRole, early: EarlyPlan, value: Json | undefined): string {
  if (nodeRole.group.role.outputs[early.name]?.sensitive) return '(sensitive)'
  return shortText(value)
}
