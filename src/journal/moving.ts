// Moving journals: verified as a whole, carried to another place, written as lines of text and made of them again.
import { digestOfBytes } from '../base/digest.ts'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { TrailReport } from '../model/audit.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { JournalFault } from './journal.ts'
import { identityIn, linkIn } from './exported-trail.ts'
import { hex, Walk } from './walk.ts'
import type { JournalPlace, OpenWhole, Piece, WholeJournal } from './whole.ts'

/** Of all batches and contents, from the first on. */
export async function verifyWhole(open: OpenWhole, anchor?: string): Promise<Answer<TrailReport>> {
  return reading(open, async (whole) => {
    const walk = new Walk(whole.identity, (what) => whole.damaged(what), anchor)
    for await (const piece of whole.pieces()) {
      const problem = problemOf(piece, walk, (what) => whole.damaged(what))
      if (problem) return refuse(problem)
    }
    return walk.end()
  })
}

/** The journal of `from` is read while its caller has its lock. Ends with both verified to be the same. */
export async function carry(
  from: JournalPlace,
  to: JournalPlace,
  tool: string,
): Promise<Answer<TrailReport>> {
  const before = await verifyWhole(from.openWhole)
  if (!before.ok) return before
  const made = await reading(from.openWhole, (whole) => to.make(whole.identity, tool, whole.pieces()))
  if (!made.ok) return made
  const after = await verifyWhole(to.openWhole, before.value.anchor)
  if (!after.ok || after.value.anchor === before.value.anchor) return after
  const message = `${to.shown} ends with ${after.value.anchor}, and ${from.shown} with ${before.value.anchor}`
  return refuse({ code: 'damagedJournal', message })
}

/** Lines of NDJSON: who it is, its batches, contents and keys, how many of each and its anchor. */
export async function exportWhole(open: OpenWhole): Promise<Answer<AsyncIterable<string>>> {
  const opened = await open()
  if (!opened.ok) return opened
  const whole = opened.value
  return answer(
    (async function* () {
      try {
        const walk = new Walk(whole.identity, (what) => whole.damaged(what))
        yield line({ kind: 'journal', version: 1, ...whole.identity })
        let pieces = 0
        for await (const piece of whole.pieces()) {
          const problem = problemOf(piece, walk, (what) => whole.damaged(what))
          if (problem) throw new JournalFault(problem)
          pieces++
          yield line(told(piece))
        }
        yield line({ kind: 'end', pieces, anchor: walk.anchor() })
      } finally {
        await whole.close()
      }
    })(),
  )
}

/** Refuses with `damagedExport`, and nothing is there, where a line is not what was written or the end is missing. */
export async function importWhole(
  lines: AsyncIterable<string>,
  to: JournalPlace,
  tool: string,
): Promise<Answer<TrailReport>> {
  const iterator = lines[Symbol.asyncIterator]()
  const first = await iterator.next()
  const head = first.done ? undefined : parsed(first.value)
  const identity = head?.['kind'] === 'journal' ? identityIn(head) : undefined
  if (!identity) return refuse(damagedExport('its first line is not of a journal'))
  const walk = new Walk(identity, damagedExport)
  const pieces = async function* (): AsyncGenerator<Piece> {
    let count = 0
    for (let number = 2; ; number++) {
      const next = await iterator.next()
      if (next.done) throw new JournalFault(damagedExport('its end is missing'))
      const said = parsed(next.value)
      if (said?.['kind'] === 'end') {
        if (said['pieces'] !== count || said['anchor'] !== walk.anchor())
          throw new JournalFault(damagedExport('its last line is of another end'))
        return
      }
      const piece = said && pieceOf(said)
      if (!piece) throw new JournalFault(damagedExport(`line ${number} cannot be read`))
      const problem = problemOf(piece, walk, damagedExport)
      if (problem) throw new JournalFault(problem)
      count++
      yield piece
    }
  }
  try {
    const made = await to.make(identity, tool, pieces())
    return made.ok ? await verifyWhole(to.openWhole, walk.anchor()) : made
  } catch (error) {
    if (error instanceof JournalFault) return refuse(error.refusal)
    throw error
  }
}

async function reading<T>(
  open: OpenWhole,
  read: (whole: WholeJournal) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const opened = await open()
  if (!opened.ok) return opened
  try {
    return await read(opened.value)
  } catch (error) {
    if (error instanceof JournalFault) return refuse(error.refusal)
    throw error
  } finally {
    await opened.value.close()
  }
}

function problemOf(piece: Piece, walk: Walk, damaged: (what: string) => Refusal): Refusal | undefined {
  if (piece.kind === 'batch') return walk.take(piece.link)
  if (piece.kind === 'blob' && digestOfBytes(piece.bytes) !== piece.digest)
    return damaged(`the content ${piece.digest} is not what was put`)
  return undefined
}

function told(piece: Piece): object {
  if (piece.kind === 'batch') {
    const { bytes, chain, ...rest } = piece.link
    return { kind: 'batch', ...rest, bytes: base64(bytes), chain: hex(chain) }
  }
  if (piece.kind === 'blob') return { kind: 'blob', digest: piece.digest, bytes: base64(piece.bytes) }
  const { id, under, wrapped } = piece.key
  return { kind: 'key', id, under, wrapped: base64(wrapped) }
}

function pieceOf(said: JsonObject): Piece | undefined {
  const { kind, digest, bytes, id, under, wrapped } = said
  if (kind === 'batch') {
    const link = linkIn(said)
    return link && { kind: 'batch', link }
  }
  if (kind === 'blob' && typeof digest === 'string' && typeof bytes === 'string')
    return { kind: 'blob', digest, bytes: Buffer.from(bytes, 'base64') }
  if (kind !== 'key' || typeof id !== 'string' || typeof under !== 'string' || typeof wrapped !== 'string')
    return undefined
  return { kind: 'key', key: { id, under, wrapped: Buffer.from(wrapped, 'base64') } }
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function damagedExport(what: string): Refusal {
  return { code: 'damagedExport', message: `this export is not what was written: ${what}` }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}
