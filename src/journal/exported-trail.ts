// An exported trail, verified without the journal: its chain, and that its entries are what the events in it say.
import { open } from 'node:fs/promises'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { auditEntryOf, type TrailReport } from '../model/audit.ts'
import { type Answer, type Refusal, refuse } from '../model/refusal.ts'
import type { Identity } from './chain.ts'
import { eventsOf, type Link, Walk } from './walk.ts'

/** `lines` as `exportTrail` gives them, from anywhere. Refuses with `damagedExport`. */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  anchor?: string,
): Promise<Answer<TrailReport>> {
  let walk: Walk | undefined
  let expected: string[] = []
  let end: string | undefined
  let number = 0
  for await (const text of lines) {
    number++
    if (text.trim() === '') continue
    const said = parsed(text)
    if (!said || end !== undefined) return refuse(damaged(`line ${number} does not belong here`))
    if (said['kind'] === 'journal' && !walk) {
      const identity = identityIn(said)
      if (!identity) return refuse(damaged('its first line is not of a journal'))
      walk = new Walk(identity, damaged, anchor)
      continue
    }
    if (!walk) return refuse(damaged('it does not begin with a journal'))
    if (said['kind'] === 'entry') {
      const { kind: _, ...entry } = said
      if (expected.shift() !== JSON.stringify(entry))
        return refuse(damaged(`the entry in line ${number} is not what the events before it say`))
      continue
    }
    if (expected.length > 0) return refuse(damaged(`before line ${number} an entry is missing`))
    if (said['kind'] === 'end') {
      end = typeof said['anchor'] === 'string' ? said['anchor'] : ''
      continue
    }
    const link = linkIn(said)
    if (!link) return refuse(damaged(`line ${number} cannot be read`))
    const problem = walk.take(link)
    if (problem) return refuse(problem)
    expected = entriesOf(link)
  }
  if (!walk || end === undefined || expected.length > 0) return refuse(damaged('its end is missing'))
  if (end !== walk.anchor()) return refuse(damaged('its last line is of another end'))
  return walk.end()
}

/** Where it cannot be read, too. */
export async function verifyExportFile(path: string, anchor?: string): Promise<Answer<TrailReport>> {
  try {
    const file = await open(path)
    try {
      return await verifyExport(file.readLines(), anchor)
    } finally {
      await file.close()
    }
  } catch (error) {
    return refuse({ code: 'damagedExport', message: `${path} cannot be read: ${(error as Error).message}` })
  }
}

function entriesOf(link: Link): string[] {
  return eventsOf(link).flatMap((recorded) => {
    const entry = auditEntryOf(recorded)
    return entry ? [JSON.stringify(entry)] : []
  })
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function identityIn({ id, site, createdAt, tool }: JsonObject): Identity | undefined {
  const isOne = typeof id === 'string' && typeof site === 'string' && typeof tool === 'string'
  return isOne && typeof createdAt === 'number' ? { id, site, createdAt, tool } : undefined
}

export function linkIn({
  kind,
  firstSeq,
  lastSeq,
  format,
  packing,
  bytes,
  chain,
}: JsonObject): Link | undefined {
  if (kind !== 'batch' || typeof firstSeq !== 'number' || typeof lastSeq !== 'number' || lastSeq < firstSeq)
    return undefined
  if (typeof format !== 'number' || (packing !== 0 && packing !== 1)) return undefined
  if (typeof bytes !== 'string' || typeof chain !== 'string') return undefined
  return {
    firstSeq,
    lastSeq,
    format,
    packing,
    bytes: Buffer.from(bytes, 'base64'),
    chain: Buffer.from(chain, 'hex'),
  }
}

function damaged(what: string): Refusal {
  return { code: 'damagedExport', message: `this export is not what was written: ${what}` }
}
