// The board: every node-role as a cell, live, with its filters in the address, the temperature above and lanes beside it.
import { Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import { Boundary, late } from '../parts/late.tsx'
import { useLocation } from 'wouter'
import { useLive } from '../live/use-live.ts'
import { Matrix } from '../matrix/matrix.tsx'
import { linesOf } from '../matrix/lines.ts'
import type { Cursor } from '../matrix/moves.ts'
import { nodePath, nodeRolePath } from '../parts/links.ts'
import { ProblemNote } from '../parts/problem-note.tsx'
import { CellLine } from './cell-line.tsx'
import { EmptyBoard } from './empty-board.tsx'
import { Filters } from './filters.tsx'
import { Lanes } from './lanes.tsx'
import { useFilters } from './use-filters.ts'

const Curve = late(async () => (await import('./curve.tsx')).Curve)

export function Board() {
  const { live, version } = useLive('cells')
  const [filters, setFilters] = useFilters()
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [cursor, setCursor] = useState<Cursor>({ line: 0, column: -1 })
  const [telling, setTelling] = useState('')
  const [, goTo] = useLocation()
  useEffect(() => live.groupBy(filters.group), [live, filters.group])
  const { cells } = live
  // Without a filter by state and without counts in headings, no change of a state moves a line.
  const follows = filters.states.length > 0 || cells?.isGrouped === true ? version : 0
  const lines = useMemo(
    () => (cells === undefined ? undefined : linesOf(cells, filters, closed)),
    [cells, filters, closed, follows],
  )
  const onOpen = useCallback(
    ({ line, column }: Cursor) => {
      const at = lines?.lines[line]
      if (cells === undefined || lines === undefined || at === undefined) return
      if (at.kind === 'group') {
        setClosed((before) => {
          const after = new Set(before)
          if (!after.delete(at.name)) after.add(at.name)
          return after
        })
        return
      }
      const place = lines.columns[column]
      if (place === undefined) goTo(nodePath(cells.nodes[at.row] as string))
      else if (cells.at(at.row, place) !== undefined) goTo(nodeRolePath(cells.idAt(at.row, place) as string))
    },
    [cells, lines, goTo],
  )
  if (cells === undefined || lines === undefined) {
    return (
      <div className="view">
        {live.problem === undefined ? (
          <p className="faint">loading the board ...</p>
        ) : (
          <ProblemNote problem={live.problem} />
        )}
      </div>
    )
  }
  const held = { line: Math.min(cursor.line, Math.max(0, lines.lines.length - 1)), column: cursor.column }
  return (
    <div className="board">
      <h1 className="unseen">Board</h1>
      <div className="curve">
        <Boundary>
          <Suspense fallback={null}>
            <Curve />
          </Suspense>
        </Boundary>
      </div>
      <Filters filters={filters} onFilters={setFilters} cells={cells} />
      {cells.nodes.length === 0 ? (
        <EmptyBoard />
      ) : (
        <Matrix
          topics={live.topics}
          cells={cells}
          lines={lines}
          cursor={held}
          onCursor={setCursor}
          onOpen={onOpen}
          telling={telling}
        />
      )}
      <CellLine cells={cells} lines={lines} cursor={held} onTelling={setTelling} />
      <Lanes />
    </div>
  )
}
