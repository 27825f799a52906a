// Rollouts as lines: how far a change is in each variant, what it waits for, and the steps that one would take.
import { ALL_ALIKE, stepHoldWords } from '../model/wait-words.ts'
import type { Diff, RolloutView, RolloutVariantView } from '../model/view.ts'
import { indent, type Line, type Span, styled } from './text.ts'
import { table } from './table.ts'

export function rolloutLines(rollouts: readonly RolloutView[], now: number, width?: number): Line[] {
  const rows = rollouts.flatMap(({ rollout, deployment, role, variants }) =>
    variants.map((variant): Span[] => [
      rollout,
      `${deployment}/${role}`,
      variant.variant,
      `${variant.reached} of ${variant.nodes}`,
      waitsFor(variant, now),
    ]),
  )
  if (rows.length === 0) return []
  return indent(2, table(COLUMNS, rows, width === undefined ? undefined : width - 2))
}

const COLUMNS = [
  { title: 'ROLLOUT' },
  { title: 'OF' },
  { title: 'VARIANT', shrinksTo: 16 },
  { title: 'REACHED' },
  { title: 'NEXT STEP', shrinksTo: 20 },
]

function waitsFor({ hold, waiting }: RolloutVariantView, now: number): Span {
  if (!hold || waiting === undefined) return 'all have been let through'
  const { says } = stepHoldWords(waiting, hold, now)
  return hold.kind === 'underWay' || hold.kind === 'soaking' ? says : styled('warn', says)
}

/** Of one role, below what changes there. */
export function stepsLines(diff: Pick<Diff, 'rollouts'>, role: string): Line[] {
  const found = diff.rollouts.find((one) => `${one.deployment}/${one.role}` === role)
  return (found?.variants ?? []).map(({ variant, steps, nodes }): Line => {
    const where = variant === ALL_ALIKE ? '' : ` on ${variant}`
    const text =
      steps.length === 1 ? `in one step, ${nodesOf(nodes)}` : `in steps${where}: ${steps.join(', ')} nodes`
    return [styled('faint', `      ${text}`)]
  })
}

function nodesOf(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`
}
