// Sealed events: the secrets of an event replaced by what only the key of each opens, in place, and brought back.
import type { Json, JsonObject } from '../base/json.ts'
import type { WrappedKey } from '../journal/journal.ts'
import type { Event } from '../model/event.ts'
import { open, seal } from './envelope.ts'
import { damaged, type KeyRing } from './key-ring.ts'
import { type Place, sensitivePlaces } from './sensitive-places.ts'

/** `sealed`: where, and for what. Only these places are opened, whatever else looks like one. */
type SealedEvent = Event & { sealed: [path: string[], of: string][] }

/** Texts are padded to a multiple of this, so that their length tells little of a secret. */
const PADDING = 64

export class EventSealing {
  readonly #ring: KeyRing
  /** By what it is of and its text: the same value is sealed once, so that its key is one. */
  readonly #seals = new Map<string, string>()
  /** By the seal: equal values come back as one object. */
  readonly #values = new Map<string, Json>()

  constructor(ring: KeyRing) {
    this.#ring = ring
  }

  /** The event itself where it holds no secret. New keys go to `fresh`. */
  sealed(event: Event, fresh: WrappedKey[]): Event {
    const places = sensitivePlaces(event)
    if (places.length === 0) return event
    const copy = new Copy(event as unknown as JsonObject)
    let last = ''
    for (const place of places) {
      const isDigest = place.of.startsWith('digest ')
      last = isDigest ? this.#sealOf(last.split('.')[0] as string, place) : this.#seal(place, fresh)
      copy.set(place.path, last)
    }
    return { ...copy.root, sealed: places.map(({ path, of }) => [path, of]) } as unknown as Event
  }

  /** Throws `JournalFault` where a seal is not what was written. The ring has all of `keysOf`. */
  opened(event: Event): Event {
    if (!isSealed(event)) return event
    const { sealed, ...told } = event
    const copy = new Copy(told as unknown as JsonObject)
    for (const [path, of] of sealed) copy.set(path, this.#open(copy.get(path), of))
    return copy.root as unknown as Event
  }

  /** What is needed to seal the same values by the same seals in a later session: to be kept where only the key reads it. */
  seals(): [of: string, seal: string][] {
    return [...this.#seals].map(([known, sealed]) => [known.slice(0, known.indexOf('\n')), sealed])
  }

  remember(seals: readonly [of: string, seal: string][]): void {
    for (const [of, sealed] of seals) this.#open(sealed, of)
  }

  #seal(place: Place, fresh: WrappedKey[]): string {
    const known = `${place.of}\n${JSON.stringify(place.value)}`
    const before = this.#seals.get(known)
    if (before !== undefined) return before
    const key = this.#ring.add('value')
    fresh.push(key)
    const sealed = this.#sealOf(key.id, place)
    this.#seals.set(known, sealed)
    return sealed
  }

  #sealOf(id: string, { value, of }: Place): string {
    const text = Buffer.from(JSON.stringify(value))
    const padded = Buffer.alloc(Math.ceil(text.length / PADDING) * PADDING, ' ')
    text.copy(padded)
    return `${id}.${seal(this.#ring.key(id), padded, placeOf(id, of)).toString('base64url')}`
  }

  #open(sealed: Json | undefined, of: string): Json {
    if (typeof sealed !== 'string') throw damaged(`a sealed value (${of}) is missing`)
    const known = this.#values.get(`${of}\n${sealed}`)
    if (known !== undefined) return known
    const [id = '', bytes = ''] = sealed.split('.')
    const text = open(this.#ring.key(id), Buffer.from(bytes, 'base64url'), placeOf(id, of))
      ?.toString()
      .trimEnd()
    if (text === undefined) throw damaged(`the sealed value ${id} (${of}) is not what was written`)
    const value = JSON.parse(text) as Json
    if (!of.startsWith('digest ')) {
      this.#values.set(`${of}\n${sealed}`, value)
      this.#seals.set(`${of}\n${text}`, sealed)
    }
    return value
  }
}

export function isSealed(event: Event): event is SealedEvent {
  return 'sealed' in event
}

/** The keys that a sealed event needs. */
export function keysNeeded(event: SealedEvent): string[] {
  const root = new Copy(event as unknown as JsonObject)
  return event.sealed.flatMap(([path]) => {
    const sealed = root.get(path)
    return typeof sealed === 'string' ? [sealed.split('.')[0] as string] : []
  })
}

function placeOf(id: string, of: string): string {
  return `anneal 1 value ${id} ${of}`
}

/** Writes into a copy; only what is on the way to what changes is copied, and that once. */
class Copy {
  root: JsonObject
  readonly #own = new Set<Json>()

  constructor(root: JsonObject) {
    this.root = { ...root }
    this.#own.add(this.root)
  }

  get(path: readonly string[]): Json | undefined {
    let here: Json | undefined = this.root
    for (const key of path) {
      if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
      here = (here as JsonObject)[key]
    }
    return here
  }

  set(path: readonly string[], value: Json): void {
    let here: JsonObject = this.root
    for (const key of path.slice(0, -1)) here = this.#ownAt(here, key)
    put(here, path.at(-1) as string, value)
  }

  #ownAt(parent: JsonObject, key: string): JsonObject {
    const there = parent[key] as JsonObject | Json[]
    if (this.#own.has(there)) return there as JsonObject
    const copy = (Array.isArray(there) ? [...there] : { ...there }) as JsonObject
    this.#own.add(copy)
    put(parent, key, copy)
    return copy
  }
}

/** `__proto__` is a key like any other here. */
function put(parent: JsonObject, key: string, value: Json): void {
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true })
}
