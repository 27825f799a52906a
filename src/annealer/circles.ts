// Circles: judged on runs and outputs of groups and not on roles, so that only what must wait for itself is refused.
import { type EarlyPlan, type Group, type InputPlan, ordersRuns, type Plan, waitOf } from './graph.ts'

/** The path of a circle that waits for itself, in words, or undefined. */
export function findCircle(plan: Plan): string[] | undefined {
  const done = new Set<string>()
  for (const group of plan.groups.values()) {
    const circle = walk(runPoint(group), [], done)
    if (circle) return circle
  }
  return undefined
}

/** A run, or an early output; late outputs are their run. */
interface Point {
  key: string
  waitsFor(): Point[]
}

function walk(point: Point, path: Point[], done: Set<string>): string[] | undefined {
  const start = path.findIndex((before) => before.key === point.key)
  if (start >= 0) return [...path.slice(start), point].map(({ key }) => key)
  if (done.has(point.key)) return undefined
  path.push(point)
  for (const next of point.waitsFor()) {
    const circle = walk(next, path, done)
    if (circle) return circle
  }
  path.pop()
  done.add(point.key)
  return undefined
}

function runPoint(group: Group): Point {
  return {
    key: group.id,
    waitsFor: () => [
      ...group.requires.flatMap(({ candidates }) => candidates.map(runPoint)),
      ...group.after
        .flat()
        .filter((first) => first !== group && haveNodeInCommon(first, group))
        .map(runPoint),
      ...group.inputs.flatMap((input) => sourcesOf(group, input)),
    ],
  }
}

function haveNodeInCommon(a: Group, b: Group): boolean {
  const [few, many] = a.memberNames.length < b.memberNames.length ? [a, b] : [b, a]
  const names = new Set(many.memberNames)
  return few.memberNames.some((name) => names.has(name))
}

function earlyPoint(group: Group, early: EarlyPlan): Point {
  return {
    key: `${group.id}.${early.name}`,
    waitsFor: () => early.reads.flatMap((index) => sourcesOf(group, group.inputs[index] as InputPlan)),
  }
}

function sourcesOf(group: Group, input: InputPlan): Point[] {
  const read = input.reads.flatMap((index) => sourcesOf(group, group.inputs[index] as InputPlan))
  const { source } = input.spec
  if (source?.kind !== 'output' || source.wait === 'known' || source.wait === 0) return read
  return input.sources.flatMap((from) => {
    const early = from.early.find((one) => one.name === source.output)
    if (early) return [...read, earlyPoint(from, early)]
    return ordersRuns(from, source.output, waitOf(input)) ? [...read, runPoint(from)] : read
  })
}

interface EarlyPoint {
  group: Group
  early: EarlyPlan
  readsFrom: EarlyPoint[]
}

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
