// Early outputs: told before any run, from what they read, until each says what it says of all the others.
import { canonical } from '../base/canonical.ts'
import type { EarlyCircle, EarlyPlan, InputPlan } from './graph.ts'
import { bindInput, scopeOf } from './bind.ts'
import { hear, hubOf } from './hubs.ts'
import { touch, touchReaders } from './touch.ts'
import { shortText, type Value, valueOf } from './value.ts'
import type { Circling, NodeRole, World } from './world.ts'

/** Tells all that are marked and what they mark in turn; answers how many node-roles were looked at. */
export function settleEarly(world: World): number {
  let visited = 0
  while (world.unsaid.size > 0) {
    const circles = new Set<EarlyCircle>()
    for (let nodeRole = world.unsaid.shift(); nodeRole; nodeRole = world.unsaid.shift()) {
      nodeRole.isUnsaid = false
      if (nodeRole.leaving || nodeRole.isGone) continue
      visited++
      world.taking?.keepNodeRole(nodeRole)
      for (const early of nodeRole.group.early) {
        if (early.circle) circles.add(early.circle)
        else if (say(nodeRole, early, told(nodeRole, early))) touchReaders(world, nodeRole, early.name)
      }
    }
    for (const circle of circles) visited += tellCircle(world, circle)
  }
  return visited
}

/** What it says now, with what that reads bound for it; undefined where something of that has no value. */
export function told(nodeRole: NodeRole, early: EarlyPlan): Value | undefined {
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
  nodeRole.setEarly(early.name, value)
  return value?.digest !== before
}

interface Point {
  nodeRole: NodeRole
  early: EarlyPlan
}

/** What all points of a circle say in one round. */
type Round = (Value | undefined)[]

/** Far more than a circle that settles at all has need of. */
const ROUNDS_MOST = 50
const ROUNDS_SHOWN = 3

/**
 * From nothing, all at once, round by round: what comes out depends on what the circle reads from outside and not on
 * what it said before. One that does not settle says nothing, and its node-roles are told to oscillate.
 */
function tellCircle(world: World, circle: EarlyCircle): number {
  const points = pointsOf(circle)
  for (const { nodeRole } of points) world.taking?.keepNodeRole(nodeRole)
  const before = points.map(({ nodeRole, early }) => ({
    digest: nodeRole.early.get(early.name)?.digest,
    known: hubOf(nodeRole.group, early.name).said.size,
  }))
  const { rounds, settled } = turnRound(points)
  for (const [index, point] of points.entries()) {
    const { nodeRole, early } = point
    keepCircling(point, settled ? undefined : circlingOf(point, points, rounds))
    // On the way it was bound to what did not last.
    nodeRole.stale = true
    touch(world, nodeRole)
    const { digest, known } = before[index] as (typeof before)[number]
    if (nodeRole.early.get(early.name)?.digest !== digest) touchReaders(world, nodeRole, early.name, known)
  }
  return points.length * rounds.length
}

/** A node-role may be part of several circles, by one output each; they are told one by one. */
function keepCircling({ nodeRole, early }: Point, circling: Circling | undefined): void {
  if (circling) (nodeRole.circling ??= new Map()).set(early.name, circling)
  else nodeRole.circling?.delete(early.name)
}

function pointsOf(circle: EarlyCircle): Point[] {
  return circle.points.flatMap(({ group, early }) =>
    [...group.members.values()].map((nodeRole) => ({ nodeRole, early })),
  )
}

function turnRound(points: readonly Point[]): { rounds: Round[]; settled: boolean } {
  const nothing: Round = points.map(() => undefined)
  const rounds = [nothing]
  sayAll(points, nothing)
  while (rounds.length <= ROUNDS_MOST) {
    const round = tellRound(points)
    if (!round) break
    rounds.push(round)
    if (!sayAll(points, round)) return { rounds, settled: true }
  }
  sayAll(points, nothing)
  return { rounds, settled: false }
}

/** Characters for each point: a circle whose values grow would soon fill the memory. */
const SIZE_EACH = 100_000

/** What each point says to what all said in the round before; undefined when it has become too much. */
function tellRound(points: readonly Point[]): Round | undefined {
  let room = SIZE_EACH * points.length
  const round: Round = []
  for (const { nodeRole, early } of points) {
    const value = told(nodeRole, early)
    room -= value ? canonical(value.json).length : 0
    if (room < 0) return undefined
    round.push(value)
  }
  return round
}

/** Whether one of them changed. */
function sayAll(points: readonly Point[], round: Round): boolean {
  let changed = false
  for (const [index, { nodeRole, early }] of points.entries()) {
    if (!say(nodeRole, early, round[index])) continue
    hear(nodeRole, early.name)
    changed = true
  }
  return changed
}

function circlingOf(
  { nodeRole, early }: Point,
  points: readonly Point[],
  rounds: readonly Round[],
): Circling {
  const input = nodeRole.group.inputs.find((one) => early.needs.includes(one.index) && one.sources.length > 0)
  const other = points.findIndex(
    (one) => one.nodeRole !== nodeRole && input?.sources.includes(one.nodeRole.group),
  )
  const index =
    other >= 0 ? other : points.findIndex((one) => one.nodeRole === nodeRole && one.early === early)
  const from = points[index] as Point
  const isSecret = from.nodeRole.group.role.outputs[from.early.name]?.sensitive ?? false
  const values = rounds.slice(-ROUNDS_SHOWN).map((round) => shortText(round[index]?.json))
  return {
    nodeRole: from.nodeRole.id,
    input: input?.name ?? '',
    values: isSecret || input?.spec.sensitive ? ['(sensitive)'] : values,
  }
}
