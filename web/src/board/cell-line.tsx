// What is under the cursor: its name, its state and why, and how it is opened; the same is said to who hears the page.
import { useEffect, useState } from 'react'
import { Link } from 'wouter'
import type { NodeRoleView, WhyView } from '../../../src/model/view.ts'
import { reasonWords } from '../../../src/model/words.ts'
import { ask } from '../http/ask.ts'
import type { Cells } from '../live/cells.ts'
import { useLive } from '../live/use-live.ts'
import type { Lines } from '../matrix/lines.ts'
import type { Cursor } from '../matrix/moves.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { nodePath, nodeRolePath } from '../parts/links.ts'
import { StateBadge } from '../parts/state-badge.tsx'

export interface CellLineProps {
  cells: Cells
  lines: Lines
  cursor: Cursor
  onTelling: (telling: string) => void
}

/** The cursor may be passing by. */
const REST_MS = 150

export function CellLine({ cells, lines, cursor, onTelling }: CellLineProps) {
  const { live } = useLive('cells')
  const line = lines.lines[cursor.line]
  const row = line?.kind === 'node' ? line.row : undefined
  const column = lines.columns[cursor.column]
  const id = row === undefined || column === undefined ? undefined : cells.idAt(row, column)
  const state = row === undefined || column === undefined ? undefined : cells.at(row, column)
  const known = id === undefined ? undefined : live.viewOf(id)
  const asked = useAsked(known === undefined && state !== undefined ? id : undefined, state)
  const view = known ?? (asked?.id === id ? asked : undefined)
  const says = view === undefined ? undefined : reasonWords(view.id, view.reason, Date.now()).says
  const telling = tellingOf()
  useEffect(() => onTelling(telling), [telling, onTelling])

  function tellingOf(): string {
    if (line === undefined) return 'nothing passes the filter'
    if (line.kind === 'group')
      return `group ${line.name}, ${line.nodes} nodes${line.closed ? ', closed' : ''}`
    const node = cells.nodes[line.row] as string
    if (column === undefined) return `node ${node}`
    const role = cells.columns[column]?.role ?? ''
    if (state === undefined) return `${node}, ${role}: not placed`
    return `${node}, ${role}: ${state}${says === undefined || state === 'active' ? '' : `, ${says.split('\n')[0]}`}`
  }

  return (
    <div className="cell-line">
      {row === undefined ? (
        <span className="faint">{telling}</span>
      ) : id === undefined ? (
        <Link href={nodePath(cells.nodes[row] as string)}>{cells.nodes[row]}</Link>
      ) : state === undefined ? (
        <span className="faint">{telling}</span>
      ) : (
        <>
          <span className="row">
            <Link href={nodeRolePath(id)} className="mono">
              {id}
            </Link>
            <StateBadge state={state} />
            <span className="grow" />
            <CopyCommand command={`anneal why ${id}`} />
          </span>
          <div
            className="faint"
            style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}
          >
            {says?.split('\n')[0] ?? ' '}
          </div>
        </>
      )}
    </div>
  )
}

function useAsked(id: string | undefined, state: string | undefined): NodeRoleView | undefined {
  const [view, setView] = useState<NodeRoleView>()
  useEffect(() => {
    if (id === undefined) return
    const gone = new AbortController()
    const timer = window.setTimeout(() => {
      void ask<WhyView>(`/node-roles/${id}`, { signal: gone.signal }).then((asked) => {
        if (asked.ok) setView(asked.value.nodeRole)
      })
    }, REST_MS)
    return () => {
      window.clearTimeout(timer)
      gone.abort()
    }
  }, [id, state])
  return view
}
