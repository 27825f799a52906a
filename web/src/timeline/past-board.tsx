// The board as it was after an event of the past: the journal has all that is needed for it.
import { useEffect, useMemo, useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { BoardView } from '../../../src/model/board.ts'
import { useAnswer } from '../http/use-answer.ts'
import { Cells } from '../live/cells.ts'
import { linesOf } from '../matrix/lines.ts'
import { Matrix } from '../matrix/matrix.tsx'
import type { Cursor } from '../matrix/moves.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { localTime } from '../parts/moments.ts'
import { ProblemNote } from '../parts/problem-note.tsx'
import { StateBadge } from '../parts/state-badge.tsx'

const NOTHING = new Set<string>()
/** The past does not change. */
const still = { listen: () => () => {} }

export function PastBoard({ seq }: { seq: number }) {
  const { value, problem } = useAnswer<BoardView>(`/board?at=${seq}`)
  const [typed, setTyped] = useState(String(seq))
  const [, goTo] = useLocation()
  useEffect(() => setTyped(String(seq)), [seq])
  return (
    <div
      className="view"
      style={{ height: '100%', display: 'flex', flexDirection: 'column', gap: 8, paddingBottom: 12 }}
    >
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault()
          if (/^\d{1,15}$/.test(typed)) goTo(`/past/${typed}`)
        }}
      >
        <h1>The board after event {seq}</h1>
        {value?.at === undefined ? null : <span>{localTime(value.at)}</span>}
        <input
          type="number"
          min={0}
          aria-label="Number of an event"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <button type="submit">Look</button>
        <button type="button" onClick={() => goTo(`/past/${Math.max(0, seq - 1)}`)}>
          one before
        </button>
        <button type="button" onClick={() => goTo(`/past/${seq + 1}`)}>
          one after
        </button>
        <Link href="/">the board now</Link>
        <CopyCommand command={`anneal status --at ${seq}`} />
      </form>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      {value === undefined ? null : <Still board={value} />}
    </div>
  )
}

function Still({ board }: { board: BoardView }) {
  const cells = useMemo(() => new Cells(board), [board])
  const lines = useMemo(() => linesOf(cells, { text: '', states: [] }, NOTHING), [cells])
  const [cursor, setCursor] = useState<Cursor>({ line: 0, column: -1 })
  const line = lines.lines[cursor.line]
  const column = lines.columns[cursor.column]
  const at =
    line?.kind === 'node' && column !== undefined
      ? { id: cells.idAt(line.row, column), state: cells.at(line.row, column) }
      : undefined
  const telling = at === undefined ? '' : `${at.id}: ${at.state ?? 'not placed'}`
  return (
    <>
      <div style={{ flex: 1, minHeight: 200 }}>
        <Matrix
          topics={still}
          cells={cells}
          lines={lines}
          cursor={cursor}
          onCursor={setCursor}
          onOpen={setCursor}
          telling={telling}
        />
      </div>
      <div className="row" style={{ minHeight: 24 }}>
        <span className="mono">{at?.id}</span>
        {at?.state === undefined ? null : <StateBadge state={at.state} />}
      </div>
    </>
  )
}
