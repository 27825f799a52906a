// Packing: what many runs were started with and many node-roles hold is written into a snapshot once. A thousand members
// that read the map of all members would otherwise write it a thousand times.
import type { Json } from '../base/json.ts'
import { isLarge, valueOf } from './value.ts'

/** Small values as they are; of large ones, where they stand in the list. */
export interface Packed {
  values: Record<string, Json>
  large: Record<string, number>
}

export class Packer {
  /** In the order in which they were met. */
  readonly list: Json[] = []
  readonly #places = new Map<string, number>()

  pack(values: Readonly<Record<string, Json>>): Packed {
    const packed: Packed = { values: {}, large: {} }
    for (const [name, json] of Object.entries(values)) {
      const value = valueOf(json)
      if (isLarge(value)) packed.large[name] = this.#place(value.digest, json)
      else packed.values[name] = json
    }
    return packed
  }

  #place(digest: string, json: Json): number {
    const known = this.#places.get(digest)
    if (known !== undefined) return known
    this.#places.set(digest, this.list.length)
    return this.list.push(json) - 1
  }
}

/** Equal values come back as one and the same object. */
export function unpack({ values, large }: Packed, list: readonly Json[]): Record<string, Json> {
  const unpacked = { ...values }
  for (const [name, place] of Object.entries(large)) unpacked[name] = list[place] as Json
  return unpacked
}
