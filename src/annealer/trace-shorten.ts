// Shortening a trace to what a person reads: of a fan of a thousand the first few, and how many more there are.
import type { TraceStep, TraceView } from '../model/provenance.ts'

const FAN = 20
const STEPS = 400

/** What leads on is shown before what ends; the trees are cut from the outside in. */
export function shorten(roots: TraceStep[], counts: TraceView['counts'], whole: boolean): TraceView {
  const sizes = whole ? undefined : sizesOf(roots)
  if (!sizes) return { roots, left: 0, counts }
  const sorted = leadingOnFirst(roots)
  const shown = sorted.slice(0, FAN)
  let room = STEPS - shown.length
  const queue = [...shown]
  // It grows while it is walked.
  for (const step of queue) {
    const to = leadingOnFirst(step.to)
    const kept = to.slice(0, Math.min(FAN, room))
    const left = to.slice(kept.length)
    room -= kept.length
    step.to = kept
    step.left = { steps: left.length, behind: left.reduce((sum, one) => sum + (sizes.get(one) ?? 0), 0) }
    queue.push(...kept)
  }
  return { roots: shown, left: sorted.length - shown.length, counts }
}

function leadingOnFirst(steps: readonly TraceStep[]): TraceStep[] {
  return [...steps.filter(({ to }) => to.length > 0), ...steps.filter(({ to }) => to.length === 0)]
}

/** How many steps stand below each; deepest first, so that no depth is too deep. */
function sizesOf(roots: readonly TraceStep[]): Map<TraceStep, number> {
  const order = [...roots]
  for (const step of order) for (const one of step.to) order.push(one)
  const sizes = new Map<TraceStep, number>()
  for (const step of order.toReversed())
    sizes.set(
      step,
      step.to.reduce((sum, one) => sum + 1 + (sizes.get(one) ?? 0), 0),
    )
  return sizes
}
