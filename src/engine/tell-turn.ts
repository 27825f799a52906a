// What a turn tells watchers: runs, nodes and node-roles that it moved.
import type { Turn } from '../annealer/turn.ts'
import { viewNode, viewNodeRole, viewRun } from '../annealer/view.ts'
import type { World } from '../annealer/world.ts'
import type { Feed } from '../model/operations.ts'
import type { RunId } from '../model/run.ts'

export function tellTurn(
  world: World,
  { events, changed }: Turn,
  runs: Set<RunId>,
  tell: (feed: Feed) => void,
): void {
  const at = world.now
  for (const event of events) {
    switch (event.kind) {
      case 'runStarted':
      case 'runFinished':
      case 'runLost': {
        runs.add(event.run)
        const record = world.runs.get(event.run)
        if (record) tell({ kind: 'run', run: viewRun(record), at })
        break
      }
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
    if (world.nodeRoles.get(nodeRole.id) !== nodeRole) tell({ kind: 'gone', nodeRole: nodeRole.id, at })
    else
      tell({
        kind: 'nodeRole',
        ...(before === undefined ? {} : { before }),
        after: viewNodeRole(world, nodeRole),
        at,
      })
  }
}
