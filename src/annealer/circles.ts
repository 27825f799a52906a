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
