// Mostly plain: what hardly any node-role has at a time stands together in one object, which is there while one of it is.
import type { Drift } from '../model/drift.ts'
import type { RinseId } from '../model/rinse.ts'
import type { RunId } from '../model/run.ts'
import type { Attempts, Circling, Unlike } from './world.ts'

/** It reads as if all were plain fields. "a node-role at rest takes little room" in counts.test.ts fails without. */
export class MostlyPlain {
  #rare: Rare | undefined = undefined

  /** Nothing ever went wrong, nobody asked for anything, and it ran once in its cycle at most. */
  get isPlain(): boolean {
    return this.#rare === undefined
  }

  get attempts(): Rare['attempts'] {
    return this.#rare?.attempts
  }
  set attempts(value: Rare['attempts']) {
    this.#keep('attempts', value)
  }

  get lost(): Rare['lost'] {
    return this.#rare?.lost
  }
  set lost(value: Rare['lost']) {
    this.#keep('lost', value)
  }

  get cancelled(): Rare['cancelled'] {
    return this.#rare?.cancelled
  }
  set cancelled(value: Rare['cancelled']) {
    this.#keep('cancelled', value)
  }

  get asked(): Rare['asked'] {
    return this.#rare?.asked
  }
  set asked(value: Rare['asked']) {
    this.#keep('asked', value)
  }

  get rinse(): Rare['rinse'] {
    return this.#rare?.rinse
  }
  set rinse(value: Rare['rinse']) {
    this.#keep('rinse', value)
  }

  get checkedNo(): Rare['checkedNo'] {
    return this.#rare?.checkedNo
  }
  set checkedNo(value: Rare['checkedNo']) {
    this.#keep('checkedNo', value)
  }

  get drift(): Rare['drift'] {
    return this.#rare?.drift
  }
  set drift(value: Rare['drift']) {
    this.#keep('drift', value)
  }

  get ran(): Rare['ran'] {
    return this.#rare?.ran
  }
  set ran(value: Rare['ran']) {
    this.#keep('ran', value)
  }

  get unlike(): Rare['unlike'] {
    return this.#rare?.unlike
  }
  set unlike(value: Rare['unlike']) {
    this.#keep('unlike', value)
  }

  get circling(): Rare['circling'] {
    return this.#rare?.circling
  }
  set circling(value: Rare['circling']) {
    this.#keep('circling', value)
  }

  get wakesAt(): Rare['wakesAt'] {
    return this.#rare?.wakesAt
  }
  set wakesAt(value: Rare['wakesAt']) {
    this.#keep('wakesAt', value)
  }

  get closesAt(): Rare['closesAt'] {
    return this.#rare?.closesAt
  }
  set closesAt(value: Rare['closesAt']) {
    this.#keep('closesAt', value)
  }

  get repairs(): number {
    return this.#rare?.repairs ?? 0
  }
  set repairs(value: number) {
    this.#keep('repairs', value === 0 ? undefined : value)
  }

  #keep<K extends keyof Rare>(name: K, value: Rare[K]): void {
    if (value !== undefined) (this.#rare ??= {})[name] = value
    else if (this.#rare?.[name] !== undefined) this.#drop(name)
  }

  #drop(name: keyof Rare): void {
    const { [name]: _, ...others } = this.#rare ?? {}
    this.#rare = Object.keys(others).length === 0 ? undefined : others
  }
}

interface Rare {
  attempts?: Attempts | undefined
  lost?: { run: RunId; digest: string; attempt: number } | undefined
  /** The run that a person ended. */
  cancelled?: { run: RunId; by: string; why?: string } | undefined
  /** `during`: the run that was in flight then, which does not count as the one that is asked for. */
  asked?: { by: string; why?: string; during?: RunId; approved?: boolean } | undefined
  /** It is removed, then waits until all of that rinse are, and is applied afresh. */
  rinse?: { rinse: RinseId; removed: boolean } | undefined
  /** `check` said for this digest that the node is not as asked. */
  checkedNo?: string | undefined
  drift?: Drift | undefined
  /** How often it was repaired, and not found as it was left since. */
  repairs?: number | undefined
  /** How often it succeeded with which digest since the last disturbance, once that is more than once. */
  ran?: Record<string, number> | undefined
  /** With equal inputs it said something else than before; as long as its role is the same. */
  unlike?: Unlike | undefined
  /** Derived: its early outputs that are part of a circle which does not settle. */
  circling?: Map<string, Circling> | undefined
  /** Derived: when time alone makes something of its wait; its timers for other moments are void. */
  wakesAt?: number | undefined
  /** Derived: when the window closes in which it waits for something else. */
  closesAt?: number | undefined
}
