// Moves of the cursor by key: over lines and columns, never beyond them.

export interface Cursor {
  line: number
  /** -1 is the name of the node. */
  column: number
}

export interface Room {
  lines: number
  columns: number
  /** Lines that are seen at once. */
  page: number
}

/** Undefined where the key moves nothing. */
export function moved(cursor: Cursor, key: string, ctrl: boolean, room: Room): Cursor | undefined {
  const step = STEPS[key]
  if (step !== undefined)
    return within({ line: cursor.line + step[0], column: cursor.column + step[1] }, room)
  if (key === 'PageDown') return within({ ...cursor, line: cursor.line + room.page }, room)
  if (key === 'PageUp') return within({ ...cursor, line: cursor.line - room.page }, room)
  if (key === 'Home') return within(ctrl ? { line: 0, column: -1 } : { ...cursor, column: -1 }, room)
  if (key === 'End') {
    return within(
      ctrl ? { line: room.lines, column: room.columns } : { ...cursor, column: room.columns },
      room,
    )
  }
  return undefined
}

const STEPS: Record<string, [number, number]> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  j: [1, 0],
  k: [-1, 0],
  l: [0, 1],
  h: [0, -1],
}

function within({ line, column }: Cursor, { lines, columns }: Room): Cursor {
  return {
    line: Math.max(0, Math.min(lines - 1, line)),
    column: Math.max(-1, Math.min(columns - 1, column)),
  }
}
