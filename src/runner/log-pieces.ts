// Pieces of a log as they travel: a record of a transcript each, or what a command printed in one go.
import type { LogPiece } from '../model/runner-talk.ts'
import type { OutputStream } from '../model/work.ts'

/** Of a transcript; `bytes` holds whole records, each with its line end. */
export function piecesOf(bytes: Uint8Array): LogPiece[] {
  const pieces: LogPiece[] = []
  let from = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
    pieces.push(pieceOf(bytes.subarray(from, at)))
    from = at + 1
  }
  return pieces
}

export const PRINTED_MOST: number = 64 * 1024

export function printedPieces(stream: OutputStream, bytes: Uint8Array): LogPiece[] {
  const pieces: LogPiece[] = []
  for (let from = 0; from < bytes.length; from += PRINTED_MOST)
    pieces.push({ ...pieceOf(bytes.subarray(from, from + PRINTED_MOST)), stream })
  return pieces
}

export function bytesIn(piece: LogPiece): Buffer {
  return 'text' in piece ? Buffer.from(piece.text) : Buffer.from(piece.base64, 'base64')
}

function pieceOf(bytes: Uint8Array): LogPiece {
  const text = Buffer.from(bytes).toString()
  const isText = Buffer.compare(Buffer.from(text), bytes) === 0
  return isText ? { text } : { base64: Buffer.from(bytes).toString('base64') }
}
