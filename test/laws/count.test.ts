// Laws of choosing: never more than were asked for, never fewer than there are, and nobody moves who need not.
import { seedOr } from '../support/seed.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Fleet, Fitness } from '../../src/annealer/fleet.ts'
import { place } from '../../src/annealer/placement.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Target } from '../../src/model/site.ts'
import { shortSite } from '../support/short-site.ts'

const seed = seedOr(20_261_125)
const numRuns = Number(process.env['ANNEAL_RUNS'] ?? 300)
const language = makeLanguage()

interface Machine {
  rack: Json
  memory: number | null
  fitness: Fitness
}

interface Scene {
  machines: Record<string, Machine>
  count: number
  prefer: string[]
  spread: string | null
}

const machine: fc.Arbitrary<Machine> = fc.record({
  rack: fc.constantFrom('a', 'b', 'c', null),
  memory: fc.option(fc.nat(3)),
  fitness: fc.constantFrom<Fitness>('fit', 'fit', 'fit', 'dead', 'unavailable'),
})

const name = fc.nat(8).map((at) => `n${at}`)
const machines = fc.dictionary(name, machine, { maxKeys: 8 })
const wish = {
  count: fc.integer({ min: 1, max: 5 }),
  prefer: fc.subarray(['node.facts.memory', 'node.labels.rack == "b"'], { minLength: 0 }),
  spread: fc.option(fc.constant('node.labels.rack')),
}
const scene: fc.Arbitrary<Scene> = fc.record({ machines, ...wish })

test('as many as there are and no more, of those that may', () => {
  holds(
    fc.property(scene, fc.array(scene, { maxLength: 4 }), (first, later) => {
      let carriers: string[] = []
      for (const each of [first, ...later]) {
        const { chosen, waits } = chosenIn(each, carriers)
        const may = Object.entries(each.machines).filter(
          ([node, { fitness }]) => fitness !== 'unavailable' || carriers.includes(node),
        )
        expect(chosen.length).toBeLessThanOrEqual(each.count)
        if (!waits) expect(chosen).toHaveLength(Math.min(each.count, may.length))
        for (const node of chosen) expect(may.map(([one]) => one)).toContain(node)
        carriers = chosen
      }
    }),
  )
})

test('nobody moves for a change that leaves the chosen ones fit', () => {
  holds(
    fc.property(scene, machines, (before, others) => {
      const { chosen } = chosenIn(before, [])
      const kept = chosen.filter((node) => before.machines[node]?.fitness !== 'unavailable')
      const same = Object.fromEntries(kept.map((node) => [node, before.machines[node] as Machine]))
      const after = { ...before, machines: { ...others, ...same } }
      expect(chosenIn(after, kept).chosen).toEqual(expect.arrayContaining(kept))
    }),
  )
})

test('a second look changes nothing, and the order in which things are written neither', () => {
  holds(
    fc.property(scene, fc.subarray(['n1', 'n2', 'n3']), (each, carriers) => {
      const once = chosenIn(each, carriers)
      if (!once.waits) expect(chosenIn(each, once.chosen).chosen).toEqual(once.chosen)
      const turned = Object.fromEntries(Object.entries(each.machines).reverse())
      expect(chosenIn({ ...each, machines: turned }, carriers.toReversed())).toEqual(once)
    }),
  )
})

test('who is chosen anew is not worse by the first wish than who is left out', () => {
  holds(
    fc.property(scene, (each) => {
      const { chosen, waits } = chosenIn({ ...each, prefer: ['node.facts.memory'], spread: null }, [])
      const merit = (node: string): number => each.machines[node]?.memory ?? -1
      const fit = Object.keys(each.machines).filter((node) => each.machines[node]?.fitness === 'fit')
      const left = fit.filter((node) => !chosen.includes(node))
      if (waits || left.length === 0) return
      expect(chosen.every((node) => fit.includes(node))).toBe(true)
      expect(Math.min(...chosen.map(merit))).toBeGreaterThanOrEqual(Math.max(...left.map(merit)))
    }),
  )
})

function holds(property: fc.IProperty<[Scene, ...unknown[]]> | fc.IProperty<unknown>): void {
  fc.assert(property as fc.IProperty<unknown>, { seed, numRuns })
}

/** `waits`: facts decide, and some that may be chosen were never reached. */
function chosenIn(each: Scene, carriers: readonly string[]): { chosen: string[]; waits: boolean } {
  const { count, prefer, spread } = each
  const nodes = Object.entries(each.machines).map(([node, { rack }]) => [node, rack === null ? {} : { rack }])
  const role = { role: 'db', count, prefer, ...(spread === null ? {} : { spread }) }
  const short = {
    nodes: Object.fromEntries(nodes) as JsonObject,
    roles: { db: {} },
    deployments: { d: { roles: [role] } },
  }
  const fleet: Fleet = {
    facts(node) {
      const memory = each.machines[node]?.memory ?? null
      return memory === null ? undefined : { memory }
    },
    fitness: (node) => each.machines[node]?.fitness ?? 'fit',
    carriers: () => carriers,
  }
  const placed = place(shortSite(short), language, fleet)
  expect(placed.ok).toBe(true)
  const target = (placed as { value: Target }).value
  const chosen = target.deployments['d']?.placements[0]?.members ?? []
  return { chosen, waits: chosen.length < count && target.undecided !== undefined }
}
