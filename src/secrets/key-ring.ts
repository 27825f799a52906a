// The key ring of one open journal: the keys of its sealed values, unwrapped when they are needed, and new ones.
import { randomBytes } from 'node:crypto'
import { JournalFault, type WrappedKey } from '../journal/journal.ts'
import { answer, type Answer, refuse } from '../model/refusal.ts'
import { type Key, keyOf, newKey, open, seal, type WrappingKey } from './envelope.ts'
import { keyMissing, type KeySource, keyWrong } from './key-source.ts'

/** Shared by all that open one journal in this process, so that a command is run once. */
export class WrappingKeys {
  readonly #find: () => Promise<Answer<KeySource>>
  #keys: WrappingKey[] | undefined

  constructor(find: () => Promise<Answer<KeySource>>) {
    this.#find = find
  }

  /** Those that wrap all of `under`; the first of them wraps what is new. Asks the source again where one is not known. */
  async forAll(under: ReadonlySet<string>): Promise<Answer<WrappingKey[]>> {
    if (this.#keys && isAmong(this.#keys, under)) return answer(this.#keys)
    const found = await this.#find()
    if (!found.ok) return found
    const source = found.value
    const read = await source.read()
    if (!read.ok) return read
    const [first] = under
    if (read.value === undefined) {
      // One that is made now opens nothing that was sealed before.
      if (first !== undefined || !source.make)
        return refuse(keyMissing(source.where, first ?? 'of nobody yet'))
      const made = await source.make()
      if (!made.ok) return made
      return answer((this.#keys = [made.value]))
    }
    const { value: keys } = read
    if (!isAmong(keys, under)) {
      const unknown = [...under].find((id) => !keys.some((key) => key.id === id)) as string
      return refuse(keyWrong(source.where, keys, unknown))
    }
    return answer((this.#keys = keys))
  }
}

function isAmong(keys: readonly WrappingKey[], under: ReadonlySet<string>): boolean {
  return [...under].every((id) => keys.some((key) => key.id === id))
}

export class KeyRing {
  readonly #wrapping: WrappingKeys
  readonly #stored = new Map<string, WrappedKey>()
  readonly #open = new Map<string, Key>()
  #keys: WrappingKey[] | undefined

  constructor(wrapping: WrappingKeys) {
    this.#wrapping = wrapping
  }

  /** Whether values can be sealed and opened without asking anybody. */
  get isReady(): boolean {
    return this.#keys !== undefined
  }

  get isEmpty(): boolean {
    return this.#stored.size === 0
  }

  has(id: string): boolean {
    return this.#stored.has(id)
  }

  /** The id of a key of that sort, where there is one already. */
  idOf(sort: string): string | undefined {
    for (const id of this.#stored.keys()) if (id.startsWith(`${sort}-`)) return id
    return undefined
  }

  /** Takes what the journal has by now; refuses where not all of it can be opened. */
  async take(stored: readonly WrappedKey[]): Promise<Answer<void>> {
    const keys = await this.#wrapping.forAll(new Set(stored.map(({ under }) => under)))
    if (!keys.ok) return keys
    this.#keys = keys.value
    for (const key of stored) this.#stored.set(key.id, key)
    return answer(undefined)
  }

  /** Throws `JournalFault` where the stored key is not what was written. */
  key(id: string): Key {
    const known = this.#open.get(id)
    if (known) return known
    const stored = this.#stored.get(id)
    const wrapping = this.#keys?.find((key) => key.id === stored?.under)
    const bytes = stored && wrapping && open(wrapping.key, stored.wrapped, wrapPlace(id))
    if (!bytes)
      throw damaged(`the key ${id} of a sealed value is ${stored ? 'not what was written' : 'missing'}`)
    const key = keyOf(bytes)
    this.#open.set(id, key)
    return key
  }

  /** To be put into the journal before anything that is sealed with it. */
  add(sort: string): WrappedKey {
    const id = `${sort}-${randomBytes(12).toString('base64url')}`
    const key = newKey()
    const wrapped = wrap(this.#keys?.[0] as WrappingKey, id, key)
    this.#stored.set(id, wrapped)
    this.#open.set(id, key)
    return wrapped
  }

  /** All keys under another wrapping key. */
  rewrapped(to: WrappingKey): WrappedKey[] {
    return [...this.#stored.keys()].map((id) => wrap(to, id, this.key(id)))
  }
}

function wrap(wrapping: WrappingKey, id: string, key: Key): WrappedKey {
  return { id, under: wrapping.id, wrapped: seal(wrapping.key, key.export(), wrapPlace(id)) }
}

function wrapPlace(id: string): string {
  return `anneal 1 key ${id}`
}

export function damaged(what: string): JournalFault {
  const message = `The journal is damaged: ${what}. Nothing was changed.`
  return new JournalFault({ code: 'damagedJournal', message })
}
