// Where the nodes of a graph stand, found by elkjs in a worker, so that the page goes on meanwhile.
import ELK from 'elkjs/lib/elk-api.js'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'
import type { Seen } from './collapse.ts'

const NODE_WIDTH = 190
const NODE_HEIGHT = 52

let elk: InstanceType<typeof ELK> | undefined

export async function layOut(seen: Seen): Promise<Map<string, { x: number; y: number }>> {
  elk ??= new ELK({ workerFactory: () => new Worker(workerUrl) })
  const laid = await elk.layout({
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.layered.spacing.nodeNodeBetweenLayers': '60',
      'elk.spacing.nodeNode': '18',
    },
    children: seen.nodes.map(({ id }) => ({ id, width: NODE_WIDTH, height: NODE_HEIGHT })),
    edges: seen.edges.map(({ id, from, to }) => ({ id, sources: [from], targets: [to] })),
  })
  return new Map((laid.children ?? []).map(({ id, x = 0, y = 0 }) => [id, { x, y }]))
}
