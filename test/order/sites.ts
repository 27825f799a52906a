// Sites whose order is measured: random graphs of roles of several shapes, in the short form, by a seed.
import type { JsonObject } from '../../src/base/json.ts'
import { type Dice, dice } from '../../src/rehearsal/dice.ts'

export const SHAPES = ['layers', 'chains', 'joins', 'mixed'] as const
export type Shape = (typeof SHAPES)[number]

/**
 * - layers: each role rests on a few of the layer before it
 * - chains: several lines of roles on each node, some of which end in one that reads all of a deployment
 * - joins: roles that wait for all members of others, as clusters do
 * - mixed: all of it, with locks that few may hold, on nodes of which some carry far more than others
 */
export function randomOrderSite(shape: Shape, seed: number): JsonObject {
  const rolls = dice(seed, shape)
  const nodes = Array.from({ length: between(rolls, 4, 24) }, (_, index) => `n${index + 1}`)
  const count = between(rolls, 8, 20)
  const roles: Record<string, JsonObject> = {}
  for (let index = 0; index < count; index++) roles[`r${index}`] = roleOf(shape, index, count, rolls)
  const wide = shape === 'mixed' ? 0.5 : 0.3
  const names = Object.keys(roles)
  const upper = names.filter((_, index) => index >= count / 2)
  const base = names.filter((name) => !upper.includes(name))
  const groups = between(rolls, 1, 3)
  const deployments: Record<string, JsonObject> = {
    base: { nodes: 'true', roles: base },
  }
  for (let group = 0; group < groups; group++) {
    const share = 0.3 + wide * rolls.roll()
    const members = nodes.filter(() => rolls.chance(share))
    if (members.length === 0) members.push(nodes[0] as string)
    const placed = upper.filter((_, index) => index % groups === group || rolls.chance(0.3))
    deployments[`d${group}`] = { parent: 'base', nodes: members, roles: withNeeds(placed, roles, upper) }
  }
  return { nodes: Object.fromEntries(nodes.map((name) => [name, {}])), roles, deployments }
}

/** What others of the same deployment must be members of, too, and what is read there. */
function withNeeds(
  placed: readonly string[],
  roles: Readonly<Record<string, JsonObject>>,
  among: readonly string[],
): string[] {
  const all = new Set(placed)
  for (const name of all) {
    for (const required of (roles[name]?.['requires'] ?? []) as (string | { role: string })[]) {
      const role = typeof required === 'string' ? required : required.role
      if (among.includes(role)) all.add(role)
    }
  }
  return [...all]
}

function roleOf(shape: Shape, index: number, count: number, rolls: Dice): JsonObject {
  const lower = lowerOf(shape, index, count, rolls)
  const joins = shape === 'joins' ? 0.35 : shape === 'mixed' ? 0.2 : shape === 'chains' ? 0.05 : 0.1
  const requires = lower.map((name) => (rolls.chance(joins) ? { role: name, of: 'deployment' } : name))
  const reads = lower.length > 0 && rolls.chance(joins) ? lower[0] : undefined
  const hasLock = shape === 'mixed' && rolls.chance(0.2)
  return {
    requires,
    outputs: { said: {} },
    inputs: reads === undefined ? {} : { all: { from: `${reads}.said`, take: 'map' } },
    locks: hasLock ? [{ of: 'site', name: `lock${index % 3}`, capacity: between(rolls, 1, 4) }] : [],
  }
}

function lowerOf(shape: Shape, index: number, count: number, rolls: Dice): string[] {
  const some = (from: number, to: number, most: number): string[] => {
    const found = new Set<string>()
    for (let tries = between(rolls, 1, most); tries > 0 && to > from; tries--)
      found.add(`r${between(rolls, from, to - 1)}`)
    return [...found]
  }
  if (shape === 'chains') {
    const lines = 4
    return index < lines ? [] : [`r${index - lines}`]
  }
  if (shape === 'layers') {
    const width = Math.max(2, Math.round(count / 5))
    const layer = Math.floor(index / width)
    return layer === 0 ? [] : some((layer - 1) * width, layer * width, 2)
  }
  return rolls.chance(0.2) ? [] : some(Math.max(0, index - 8), index, 2)
}

export function between(rolls: Dice, from: number, to: number): number {
  return from + Math.floor(rolls.roll() * (to - from + 1))
}
