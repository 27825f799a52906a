// All nodes: whether they answer, what they are and how many node-roles stand on them; drawn as far as they are seen.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'
import { Link } from 'wouter'
import type { NodeView } from '../../../src/model/view.ts'
import { useEveryPage } from '../http/use-every-page.ts'
import { useLive } from '../live/use-live.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { nodePath } from '../parts/links.ts'
import { ProblemNote } from '../parts/problem-note.tsx'
import { AliveText } from './alive-text.tsx'

export function NodesPage() {
  const { version } = useLive('events')
  const { items, problem, asking } = useEveryPage<NodeView>('/nodes', version)
  const [text, setText] = useState('')
  const shown = useMemo(() => items.filter((node) => matches(node, text.trim().toLowerCase())), [items, text])
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => 26,
    overscan: 10,
  })
  return (
    <div
      className="view"
      style={{ height: '100%', display: 'flex', flexDirection: 'column', paddingBottom: 12 }}
    >
      <div className="row">
        <h1>Nodes</h1>
        <input
          type="search"
          placeholder="name, label, os"
          aria-label="Part of a name, a label or a system"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="faint">
          {shown.length} of {items.length}
          {asking && items.length === 0 ? ', asking ...' : ''}
        </span>
        <span className="grow" />
        <CopyCommand command="anneal nodes" />
      </div>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      <div role="table" aria-label="Nodes" aria-rowcount={shown.length + 1} style={{ display: 'contents' }}>
        <div role="row" style={{ marginTop: 10 }} className="node-row faint strong">
          {['node', 'address', 'answers', 'system', 'roles', 'labels'].map((name, i) => (
            <span role="columnheader" key={name} className={i > 2 ? 'wide-only' : ''}>
              {name}
            </span>
          ))}
        </div>
        <div
          ref={box}
          role="rowgroup"
          tabIndex={0}
          aria-label="Nodes"
          style={{ overflow: 'auto', flex: 1, minHeight: 200 }}
        >
          <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
            {rows.getVirtualItems().map(({ index, start, size }) => {
              const node = shown[index]
              if (node === undefined) return null
              return (
                <div
                  key={node.name}
                  role="row"
                  className="node-row"
                  aria-rowindex={index + 2}
                  style={{
                    position: 'absolute',
                    left: 0,
                    right: 0,
                    height: size,
                    transform: `translateY(${start}px)`,
                    borderBottom: '1px solid var(--line)',
                    alignItems: 'center',
                    whiteSpace: 'nowrap',
                    overflow: 'hidden',
                  }}
                >
                  <span role="cell">
                    <Link href={nodePath(node.name)} className="mono">
                      {node.name}
                    </Link>
                  </span>
                  <span role="cell">{node.address}</span>
                  <span role="cell">
                    <AliveText node={node} />
                  </span>
                  <span role="cell" className="wide-only">
                    {node.os ?? ''}
                  </span>
                  <span role="cell" className="wide-only">
                    {node.nodeRoles}
                  </span>
                  <span role="cell" className="faint wide-only">
                    {labelsText(node)}
                  </span>
                </div>
              )
            })}
          </div>
        </div>
      </div>
    </div>
  )
}

function matches(node: NodeView, text: string): boolean {
  return (
    text === '' ||
    `${node.name} ${node.address} ${node.os ?? ''} ${labelsText(node)}`.toLowerCase().includes(text)
  )
}

function labelsText({ labels }: NodeView): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
}
