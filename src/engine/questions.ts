// Questions: what doors ask of a world without changing it, the same whether it was read from the journal or is alive.
import { criticalPath } from '../annealer/critical-path.ts'
import { unknownNode } from '../annealer/decide.ts'
import { diffSite } from '../annealer/diff.ts'
import { viewExec } from '../annealer/execs.ts'
import { explain } from '../annealer/explain.ts'
import { nodeRoleMeant, targetMeant } from '../annealer/targets.ts'
import { showRevision, viewTimeline } from '../annealer/timeline.ts'
import { rootsMeant } from '../annealer/trace-meant.ts'
import { trace } from '../annealer/trace.ts'
import { viewCycles } from '../annealer/view-cycles.ts'
import { viewNode, viewRun, viewStatus } from '../annealer/view.ts'
import type { World } from '../annealer/world.ts'
import type { Operations, RunFilter } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { NodeView, RunView } from '../model/view.ts'
import type { Clock } from './clock.ts'

export type Questions = Pick<
  Operations,
  | 'status'
  | 'why'
  | 'trace'
  | 'runs'
  | 'nodes'
  | 'facts'
  | 'diff'
  | 'timeline'
  | 'show'
  | 'cycles'
  | 'cycle'
  | 'execs'
>

/** Puts a question to a world, wherever that is; the world is not kept. */
export type Ask = <T>(question: (world: World) => Answer<T>) => Promise<Answer<T>>

export function questionsTo(ask: Ask, clock: Clock): Questions {
  return {
    status: (most) => ask((world) => answer(viewStatus(world, most))),
    why: (nodeRole, input) =>
      ask((world) => {
        const found = nodeRoleMeant(world, nodeRole)
        return found.ok ? answer(explain(world, found.value, input)) : found
      }),
    trace: (words, whole) =>
      ask((world) => {
        const roots = rootsMeant(world, words)
        return roots.ok ? answer(trace(world, roots.value, whole)) : roots
      }),
    runs: (filter) => ask((world) => runsMeant(world, filter)),
    nodes: () => ask((world) => answer([...world.nodes.values()].map(viewNode).sort(byName))),
    facts: (name) =>
      ask((world) => {
        const node = world.nodes.get(name)
        if (!node) return refuse(unknownNode(world, name))
        if (node.facts) return answer(node.facts)
        return refuse({ code: 'nothingThere', message: `${name} was never reached, so no facts are known` })
      }),
    diff: (site) => ask((world) => diffSite(world, site, clock.now())),
    timeline: () => ask((world) => answer(viewTimeline(world))),
    show: (revision) =>
      ask((world) => {
        const record = world.revisions.get(revision)
        if (record) return answer(showRevision(world, record))
        return refuse({ code: 'unknownRevision', message: `there is no revision ${revision}` })
      }),
    cycles: () => ask((world) => answer(viewCycles(world))),
    cycle: (number) =>
      ask((world) => {
        const record =
          number === undefined ? world.cycles.at(-1) : world.cycles.find(({ cycle }) => cycle === number)
        if (record) return answer(criticalPath(world, record))
        const message = number === undefined ? 'there was no cycle yet' : `there is no cycle ${number}`
        return refuse({ code: 'unknownCycle', message })
      }),
    execs: (limit) => ask((world) => answer([...world.execs.values()].slice(-limit).map(viewExec))),
  }
}

function runsMeant(world: World, { target, run, limit }: RunFilter): Answer<RunView[]> {
  if (run !== undefined) {
    const record = world.runs.get(run)
    if (!record) return refuse({ code: 'unknownRun', message: `there is no run ${run}` })
    return answer([viewRun(record)])
  }
  let records = [...world.runs.values()]
  if (target !== undefined) {
    const found = targetMeant(world, target)
    if (!found.ok) return found
    const meant = new Set(found.value.nodeRoles.map(({ id }) => id))
    records = records.filter((record) => meant.has(record.nodeRole))
  }
  return answer(records.slice(limit === undefined ? 0 : -limit).map(viewRun))
}

function byName(a: NodeView, b: NodeView): number {
  return a.name < b.name ? -1 : 1
}
