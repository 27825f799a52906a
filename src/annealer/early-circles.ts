// Early outputs that read each other in a circle: found when a plan is made, so that they are told together.
import type { EarlyPlan, Group, InputPlan, Plan } from './graph.ts'

/** Early outputs that read each other, waiting or not, get their circle: one by one they might turn for ever. */
export function markCircles(plan: Plan): void {
  const points = new Map<EarlyPlan, EarlyPoint>()
  for (const group of plan.groups.values()) {
    for (const early of group.early) points.set(early, { group, early, readsFrom: [] })
  }
  for (const point of points.values()) {
    for (const index of point.early.needs) {
      const input = point.group.inputs[index] as InputPlan
      const { source } = input.spec
      if (source?.kind !== 'output') continue
      for (const from of input.sources) {
        const early = from.early.find((one) => one.name === source.output)
        const read = early && points.get(early)
        if (read) point.readsFrom.push(read)
      }
    }
  }
  for (const component of strongComponents([...points.values()])) {
    const [first] = component
    if (component.length === 1 && first && !first.readsFrom.includes(first)) continue
    const circle = { points: component.map(({ group, early }) => ({ group, early })) }
    for (const { early } of component) early.circle = circle
  }
}

interface EarlyPoint {
  group: Group
  early: EarlyPlan
  readsFrom: EarlyPoint[]
}

/** Tarjan 1972: points of which each can be reached from each, together. */
function strongComponents(points: readonly EarlyPoint[]): EarlyPoint[][] {
  const found: EarlyPoint[][] = []
  const order = new Map<EarlyPoint, number>()
  const stack: EarlyPoint[] = []
  const visit = (point: EarlyPoint): number => {
    const number = order.size
    order.set(point, number)
    let lowest = number
    stack.push(point)
    for (const next of point.readsFrom) {
      if (!order.has(next)) lowest = Math.min(lowest, visit(next))
      else if (stack.includes(next)) lowest = Math.min(lowest, order.get(next) as number)
    }
    if (lowest === number) found.push(stack.splice(stack.indexOf(point)).reverse())
    return lowest
  }
  for (const point of points) if (!order.has(point)) visit(point)
  return found
}
