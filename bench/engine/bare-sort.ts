// The limit: the same links between node-roles as a bare graph, sorted by Kahn's algorithm, with nothing else done.
import { buildPlan } from '../../src/annealer/build-plan.ts'
import type { Fleet as FleetView } from '../../src/annealer/fleet.ts'
import { place } from '../../src/annealer/placement.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Fleet } from './fleets.ts'

export interface BareSort {
  buildMs: number
  sortMs: number
}

/** The placing is not timed: it gives who stands where. */
export function measureBareSort({ site, size }: Fleet): BareSort {
  const language = makeLanguage()
  const nobody: FleetView = { facts: () => undefined, fitness: () => 'fit', carriers: () => [] }
  const placed = place(site, language, nobody)
  if (!placed.ok) throw new Error(placed.refusal.message)
  const { groups } = buildPlan(placed.value, language)
  const startedAt = performance.now()
  const behind: number[][] = []
  const waitsFor: number[] = []
  const numbers = new Map<string, Map<string, number>>()
  for (const group of groups.values()) {
    const members = new Map<string, number>()
    for (const name of group.memberNames) {
      members.set(name, behind.length)
      behind.push([])
      waitsFor.push(0)
    }
    numbers.set(group.id, members)
  }
  for (const group of groups.values()) {
    for (const { candidates } of group.requires) {
      const required = numbers.get(candidates[0]?.id ?? '')
      const [first] = required?.values() ?? []
      for (const [name, reader] of numbers.get(group.id) ?? []) {
        const one = required?.get(name) ?? first
        if (one === undefined) continue
        behind[one]?.push(reader)
        waitsFor[reader] = (waitsFor[reader] ?? 0) + 1
      }
    }
  }
  const builtAt = performance.now()
  const order = behind.flatMap((_, number) => (waitsFor[number] === 0 ? number : []))
  for (const number of order) {
    for (const next of behind[number] ?? []) {
      waitsFor[next] = (waitsFor[next] ?? 0) - 1
      if (waitsFor[next] === 0) order.push(next)
    }
  }
  if (order.length !== size) throw new Error('the bare graph has a circle')
  return { buildMs: builtAt - startedAt, sortMs: performance.now() - builtAt }
}
