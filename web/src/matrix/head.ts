// The head of the matrix: each deployment above its columns, or before the names of its roles where it is too narrow for that.
import type { BoardView } from '../../../src/model/board.ts'

export interface Head {
  /** Of each column, as it stands upright. */
  names: string[]
  /** At the first column of a deployment: its name, where it stands above; empty where it does not fit. */
  above: Map<number, string>
}

/** What one letter of a heading takes, at most but for a few. */
const LETTER = 7.5

export function headOf(columns: BoardView['columns'], cell: number): Head {
  const names: string[] = []
  const above = new Map<number, string>()
  for (let from = 0; from < columns.length; ) {
    const { deployment } = columns[from] as BoardView['columns'][number]
    let to = from
    while (columns[to]?.deployment === deployment) to++
    // Beside the last one there is room.
    const fits = to === columns.length || deployment.length * LETTER < (to - from) * cell
    above.set(from, fits ? deployment : '')
    for (const { role } of columns.slice(from, to)) names.push(fits ? role : `${deployment}/${role}`)
    from = to
  }
  return { names, above }
}
