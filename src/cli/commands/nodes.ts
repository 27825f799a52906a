// `anneal nodes`: the machines, whether they answer, what they are.
import type { NodeView } from '../../model/view.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { nodeFaultLines } from '../node-text.ts'
import { compare } from '../status-text.ts'
import { table } from '../table.ts'
import { type Line, type Span, styled } from '../text.ts'

export default async function nodes(door: Door, flags: SiteFlags): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const found = await operations.nodes()
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const sorted = [...found.value].sort((a, b) => compare(a.name, b.name))
    if (flags.json) {
      const lines = door.json('nodes', { count: sorted.length })
      for (const node of sorted) lines.line('node', node)
    } else if (sorted.length === 0)
      door.talk([['there are no nodes yet: anneal.yaml names them under nodes']])
    else door.print([...table(COLUMNS, sorted.map(row), door.width()), ...troubles(sorted)])
    return EXIT.ok
  })
}

const COLUMNS = [
  { title: 'NODE', shrinksTo: 12 },
  { title: 'ADDRESS', shrinksTo: 10 },
  { title: 'ALIVE' },
  { title: 'ROLES', align: 'right' as const },
  { title: 'OS', shrinksTo: 8 },
  { title: 'LABELS', shrinksTo: 8 },
]

function row(node: NodeView): Span[] {
  const labels = Object.entries(node.labels)
    .sort(([a], [b]) => compare(a, b))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [node.name, node.address, alive(node), String(node.nodeRoles), node.os ?? '', labels.join(' ')]
}

function alive(node: NodeView): Span {
  if (!node.available) return styled('warn', 'made unavailable')
  if (node.alive === 'yes') return styled('good', 'yes')
  if (node.alive === 'never reached') return styled('faint', 'never reached')
  return styled('bad', 'no')
}

function troubles(nodes: readonly NodeView[]): Line[] {
  const lines = nodes.flatMap(nodeFaultLines)
  return lines.length === 0 ? [] : [[], ...lines]
}
