// Sealed snapshots: the whole state in slices, each packed and sealed, with what later sessions need to seal alike.
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { type Json, isObject } from '../base/json.ts'
import { type Flowing, joinJson, splitJson } from '../base/split.ts'
import { type Key, open, seal } from './envelope.ts'
import { damaged } from './key-ring.ts'

/** Other states are objects; one that looks like this is sealed whatever is in it, so that there is no doubt. */
type SealedState = ['sealed', id: string, parts: string[]]

export interface Kept {
  state: Json
  seals: [of: string, seal: string][]
}

/** Between slices others get their turn. */
export async function sealState(
  id: string,
  key: Key,
  at: string,
  { state, seals }: { state: Flowing; seals: Kept['seals'] },
): Promise<SealedState> {
  const parts: string[] = []
  for (const text of splitJson({ state, seals })) {
    const place = placeOf(id, at, parts.length)
    parts.push(seal(key, zstdCompressSync(Buffer.from(text)), place).toString('base64'))
    await new Promise(setImmediate)
  }
  return ['sealed', id, parts]
}

export function isSealedState(state: Flowing): state is SealedState {
  return Array.isArray(state) && state[0] === 'sealed' && state.length === 3
}

/** Throws `JournalFault` where a part is not what was written. */
export function openState([, id, parts]: SealedState, key: Key, at: string): Kept {
  const texts = parts.map((part, index) => {
    const bytes = open(key, Buffer.from(part, 'base64'), placeOf(id, at, index))
    if (!bytes)
      throw damaged(`part ${index + 1} of the sealed snapshot at event ${at} is not what was written`)
    return zstdDecompressSync(bytes).toString()
  })
  const kept = joinJson(texts)
  if (!isObject(kept)) throw damaged(`the sealed snapshot at event ${at} is not whole`)
  return kept as unknown as Kept
}

function placeOf(id: string, at: string, index: number): string {
  return `anneal 1 snapshot ${id} ${at} ${index}`
}
