// The order of runs on a few sites, in time that is simulated: how near it comes to the bound, and that others come less near.
import { expect, test } from 'vitest'
import { shortSite } from '../support/short-site.ts'
import { lowerBoundMs } from './bound.ts'
import { lockStepMs } from './lock-step.ts'
import { type Fleet, type Knowledge, passOf } from './makespan.ts'
import { atShare } from './ratios.ts'
import { randomOrderSite, SHAPES } from './sites.ts'

const SEEDS = [1, 3]
const SLOTS = [undefined, 6]

test.each(['known', 'learnt'] as const)(
  'makespans over their bound, with durations that are %s',
  (knowledge) => {
    const all = ratios(knowledge)
    expect(all).toHaveLength(SEEDS.length * SLOTS.length * SHAPES.length)
    const share = (of: keyof Ratios, at: number): number =>
      atShare(
        all.map((one) => one[of]),
        at,
      )
    // No order is shorter than the bound, or it would be none.
    for (const of of ['rank', 'depth', 'lockStep'] as const)
      expect(share(of, 0)).toBeGreaterThanOrEqual(0.999)
    expect(share('rank', 0.5)).toBeLessThanOrEqual(1.05)
    expect(share('rank', 0.95)).toBeLessThanOrEqual(1.25)
    for (const of of ['depth', 'lockStep'] as const) expect(sum(all, 'rank')).toBeLessThan(sum(all, of))
  },
)

interface Ratios {
  rank: number
  depth: number
  lockStep: number
}

function ratios(knowledge: Knowledge): Ratios[] {
  return SHAPES.flatMap((shape) =>
    SEEDS.flatMap((seed) => {
      const site = shortSite(randomOrderSite(shape, seed))
      return SLOTS.map((slots) =>
        ratiosOf({ site, seed, noise: knowledge === 'known' ? 0 : 0.3, ...(slots && { slots }) }, knowledge),
      )
    }),
  )
}

function ratiosOf(fleet: Fleet, knowledge: Knowledge): Ratios {
  const { world, runs, tookMs } = passOf(fleet, knowledge, 'rank') ?? expect.fail('the site is refused')
  const bound = lowerBoundMs(world, runs)
  const depth = passOf(fleet, knowledge, 'depth')?.tookMs ?? 0
  return { rank: tookMs / bound, depth: depth / bound, lockStep: lockStepMs(world, runs) / bound }
}

function sum(all: readonly Ratios[], of: keyof Ratios): number {
  return all.reduce((total, one) => total + one[of], 0)
}
