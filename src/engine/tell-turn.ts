// What a turn tells those who watch: runs, nodes, drift that was found, node-roles whose state changed.
import { whatDiffers } from '../annealer/drift.ts'
import type { Turn } from '../annealer/turn.ts'
import { viewNode, viewNodeRole, viewRun } from '../annealer/view.ts'
import type { NodeRole, World } from '../annealer/world.ts'
import type { Finding } from '../model/drift.ts'
import type { Event } from '../model/event.ts'
import type { Feed } from '../model/operations.ts'
import type { RunId } from '../model/run.ts'

export function tellTurn(
  world: World,
  { events, changed }: Pick<Turn, 'events' | 'changed'>,
  tell: (feed: Feed) => void,
): void {
  const at = world.now
  for (const event of events) {
    switch (event.kind) {
      case 'runStarted':
      case 'runFinished':
      case 'runLost': {
        const record = world.runs.get(event.run)
        if (record) tell({ kind: 'run', run: viewRun(record), at })
        break
      }
      case 'checkFinished':
        for (const nodeRole of driftedSince(world, event.findings, at)) {
          const { id, drift, group } = nodeRole
          const what = whatDiffers(drift?.differences ?? [])
          tell({ kind: 'drift', nodeRole: id, policy: group.drift.policy, what, at })
        }
        break
      case 'nodeReached':
      case 'nodeLost':
      case 'factsChanged': {
        const node = world.nodes.get(event.node)
        if (node) tell({ kind: 'node', node: viewNode(node), at })
        break
      }
      default:
        break
    }
  }
  for (const [nodeRole, before] of changed) {
    if (nodeRole.isGone) tell({ kind: 'gone', nodeRole: nodeRole.id, at })
    else
      tell({
        kind: 'nodeRole',
        ...(before === undefined ? {} : { before }),
        after: viewNodeRole(world, nodeRole),
        at,
      })
  }
}

/** Those that began or ended. */
export function runsIn(events: readonly Event[]): RunId[] {
  return events.flatMap((event) => (RUN_EVENTS.has(event.kind) && 'run' in event ? [event.run] : []))
}

const RUN_EVENTS = new Set<Event['kind']>(['runStarted', 'runFinished', 'runLost'])

function driftedSince(world: World, findings: readonly Finding[], at: number): NodeRole[] {
  return findings.flatMap(({ nodeRole }) => {
    const found = world.nodeRoles.get(nodeRole)
    return found?.drift?.since === at ? [found] : []
  })
}
