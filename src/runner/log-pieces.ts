// Pieces of a log as they travel: one record of a transcript each, without its line end.
import type { LogPiece } from '../model/runner-talk.ts'

/** `bytes` holds whole records. */
export function piecesOf(bytes: Uint8Array): LogPiece[] {
  return recordsIn(bytes).map(pieceOf)
}

export function recordsIn(bytes: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = []
  let from = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
    records.push(bytes.subarray(from, at))
    from = at + 1
  }
  return records
}

export function pieceOf(record: Uint8Array): LogPiece {
  const text = Buffer.from(record).toString()
  const isText = Buffer.compare(Buffer.from(text), record) === 0
  return isText ? { text } : { base64: Buffer.from(record).toString('base64') }
}
