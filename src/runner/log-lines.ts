// Pieces of a log as lines of NDJSON, as runners of the protocol before logs came together send them.
import type { LogPiece } from '../model/runner-talk.ts'

const PIECES_MOST = 20_000

/** Undefined where it is something else. */
export function piecesIn(lines: string): LogPiece[] | undefined {
  const pieces: LogPiece[] = []
  for (const line of lines.split('\n')) {
    if (line === '') continue
    const piece = pieceIn(line)
    if (piece === undefined || pieces.length >= PIECES_MOST) return undefined
    pieces.push(piece)
  }
  return pieces
}

function pieceIn(line: string): LogPiece | undefined {
  let read: Partial<{ text: unknown; base64: unknown }> | null
  try {
    read = JSON.parse(line) as typeof read
  } catch {
    return undefined
  }
  const { text, base64 } = read ?? {}
  if (typeof text === 'string') return { text }
  return typeof base64 === 'string' ? { base64 } : undefined
}
