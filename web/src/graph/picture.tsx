// The picture of a graph: boxes that open what they stand for, and edges by their kind.
import {
  Background,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { useEffect, useState } from 'react'
import { Link } from 'wouter'
import { STATES } from '../../../src/model/reason.ts'
import { LETTERS, LOOKS } from '../matrix/palette.ts'
import { nodeRolePath } from '../parts/links.ts'
import { useTheme } from '../parts/use-theme.ts'
import type { Seen, SeenNode } from './collapse.ts'
import { layOut } from './lay-out.ts'

type BoxNode = Node<{ seen: SeenNode }, 'box'>

export function Picture({ seen }: { seen: Seen }) {
  const { theme } = useTheme()
  const [laid, setLaid] = useState<{ seen: Seen; places: Map<string, { x: number; y: number }> }>()
  useEffect(() => {
    let gone = false
    void layOut(seen).then((places) => {
      if (!gone) setLaid({ seen, places })
    })
    return () => {
      gone = true
    }
  }, [seen])
  if (laid?.seen !== seen) return <p className="faint">laying it out ...</p>
  const nodes = seen.nodes.map(
    (node): BoxNode => ({
      id: node.id,
      type: 'box',
      position: laid.places.get(node.id) ?? { x: 0, y: 0 },
      data: { seen: node },
    }),
  )
  const edges = seen.edges.map(
    (edge): Edge => ({
      id: edge.id,
      source: edge.from,
      target: edge.to,
      style: {
        stroke: 'var(--edge)',
        strokeWidth: 1.5,
        ...(edge.kind === 'data' ? { strokeDasharray: '5 4' } : {}),
      },
      markerEnd: { type: MarkerType.ArrowClosed, color: 'var(--edge)' },
      ariaLabel: `${edge.from} ${edge.kind === 'data' ? `says ${edge.says} to` : 'goes before'} ${edge.to}`,
    }),
  )
  return (
    <div className="graph">
      <ReactFlow
        key={seen.nodes.map(({ id }) => id).join()}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        colorMode={theme}
        fitView
        minZoom={0.1}
        nodesConnectable={false}
        nodesDraggable={false}
        onlyRenderVisibleElements
        proOptions={{ hideAttribution: true }}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  )
}

function Box({ data }: NodeProps<BoxNode>) {
  const { theme } = useTheme()
  const { seen } = data
  const href =
    seen.level === 'node-role' ? nodeRolePath(seen.id) : `/graph?target=${encodeURIComponent(seen.id)}`
  return (
    <div className={`graph-node ${seen.circle ? 'circle' : ''}`}>
      <Handle type="target" position={Position.Left} />
      <Link href={href} className="mono" title={seen.id}>
        {seen.id.length > 27 ? `…${seen.id.slice(-26)}` : seen.id}
      </Link>
      <div className="row" style={{ gap: 6 }}>
        {STATES.filter((state) => (seen.counts[state] ?? 0) > 0).map((state) => {
          const { fill, ink } = LOOKS[theme][state]
          return (
            <span
              key={state}
              className="badge"
              title={state}
              style={{ '--fill': fill, '--mark': ink } as React.CSSProperties}
            >
              <i>{LETTERS[state]}</i>
              {seen.counts[state]}
              <span className="unseen">{state}</span>
            </span>
          )
        })}
        {seen.circle ? <span className="bad">in a circle</span> : null}
      </div>
      <Handle type="source" position={Position.Right} />
    </div>
  )
}

const NODE_TYPES = { box: Box }
