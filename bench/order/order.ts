// Order: how near makespans come to the shortest that there could be, by our ranks, by depth and in lock-step, on random and real sites.
import { atShare } from '../../test/order/ratios.ts'
import { lowerBoundMs } from '../../test/order/bound.ts'
import { lockStepMs } from '../../test/order/lock-step.ts'
import { type Fleet, type Knowledge, passOf } from '../../test/order/makespan.ts'
import type { Bench, Contestant, Question } from '../harness/question.ts'
import { familyOf, type Family } from './fleets.ts'

/** Time is simulated: rounds differ by their seeds and not by what the machine does meanwhile. */
export const bench: Bench = async function* ({ isWanted, say }) {
  for (const { name, family, knowledge, noise } of QUESTIONS) {
    if (!isWanted(name)) continue
    const fleets = await familyOf(family)
    const rounds = new Map<number, Ratios[]>()
    const inRound = (round: number): Ratios[] => {
      const known = rounds.get(round)
      if (known) return known
      const measured = fleets(round).flatMap((fleet) => ratiosOf({ ...fleet, noise }, knowledge) ?? [])
      say(`${name}, round ${round + 1}: ${measured.length} makespans`)
      rounds.set(round, measured)
      return measured
    }
    const contestant = (of: keyof Ratios, name: string, is: Contestant['is']): Contestant => ({
      name,
      is,
      measure(round) {
        const all = inRound(round).map((ratios) => ratios[of])
        return { p50: atShare(all, 0.5), p95: atShare(all, 0.95), most: atShare(all, 1) }
      },
    })
    const question: Question = {
      name,
      figures: { p50: { unit: 'x bound' }, p95: { unit: 'x bound' }, most: { unit: 'x bound' } },
      rounds: 3,
      contestants: [
        contestant('rank', 'anneal', 'ours'),
        contestant('depth', 'depth order', 'peer'),
        contestant('lockStep', 'lock-step per role', 'peer'),
      ],
      goals: [
        { figure: 'p50', atMost: 1.05 },
        { figure: 'p95', atMost: 1.15 },
      ],
    }
    yield question
  }
}

const QUESTIONS: readonly { name: string; family: Family; knowledge: Knowledge; noise: number }[] = [
  { name: 'random sites, durations known', family: 'random', knowledge: 'known', noise: 0 },
  { name: 'random sites, means known, runs differ by 30%', family: 'random', knowledge: 'known', noise: 0.3 },
  {
    name: 'random sites, durations learnt, runs differ by 30%',
    family: 'random',
    knowledge: 'learnt',
    noise: 0.3,
  },
  {
    name: 'random sites, durations learnt, runs differ by 50%',
    family: 'random',
    knowledge: 'learnt',
    noise: 0.5,
  },
  {
    name: 'random sites, never measured, runs differ by 30%',
    family: 'random',
    knowledge: 'unknown',
    noise: 0.3,
  },
  { name: 'real sites, durations known', family: 'real', knowledge: 'known', noise: 0 },
  {
    name: 'real sites, durations learnt, runs differ by 30%',
    family: 'real',
    knowledge: 'learnt',
    noise: 0.3,
  },
  {
    name: 'real sites, never measured, runs differ by 30%',
    family: 'real',
    knowledge: 'unknown',
    noise: 0.3,
  },
]

interface Ratios {
  rank: number
  depth: number
  lockStep: number
}

/** Undefined where hardly anything runs, or the site is refused. */
function ratiosOf(fleet: Fleet, knowledge: Knowledge): Ratios | undefined {
  const ours = passOf(fleet, knowledge, 'rank')
  const depth = passOf(fleet, knowledge, 'depth')
  if (!ours || !depth || ours.runs.length < FEWEST_RUNS) return undefined
  // Some wild sites have runs that are refused what they say: they wait for time and not for their turn.
  if (ours.runs.some(({ result }) => result !== 'ok')) return undefined
  const bound = lowerBoundMs(ours.world, ours.runs)
  const found = {
    rank: ours.tookMs / bound,
    depth: depth.tookMs / bound,
    lockStep: lockStepMs(ours.world, ours.runs) / bound,
  }
  if (process.env['WORST'] !== undefined && found.rank > Number(process.env['WORST']))
    process.stderr.write(
      `    ${found.rank.toFixed(3)}  ${fleet.name} seed ${fleet.seed}, ${fleet.slots ?? 'no'} slots\n`,
    )
  return found
}

const FEWEST_RUNS = 6
