// A node-role as the heart keeps it, in little room: there are a million of them.
import { NO_NODE, type NodeRoleId } from '../model/names.ts'
import type { Drift } from '../model/drift.ts'
import type { Unbound } from '../model/binding.ts'
import type { State } from '../model/reason.ts'
import type { RinseId } from '../model/rinse.ts'
import type { RunId } from '../model/run.ts'
import { wake, wakeReaders, wakeReadersOf } from './asleep.ts'
import { digestOfBinding } from './bind.ts'
import type { Group } from './graph.ts'
import type { Value } from './value.ts'
import type { Attempts, Circling, Lock, NodeRecord, RunRecord, Success, Unlike } from './world.ts'

/**
 * What hardly any has at a time stands together in `Rare`, which is there while one of it is; yes and no are bits of one number;
 * the digest is made when it is asked for. It reads as if all were plain fields. "a node-role at rest takes little room" in
 * counts.test.ts fails without.
 */
export class NodeRole {
  readonly id: NodeRoleId
  /** Undefined for a role that is `per: deployment`. */
  readonly node: NodeRecord | undefined
  group: Group
  /** Derived: where it stands among the members of its group. */
  place = 0
  #flags = 0
  #rare: Rare | undefined = undefined

  // Told by events.
  /** The revision whose group it is of; an older one when it leaves. */
  revision: number
  #success: Success | undefined = undefined
  /** When it was last looked at for drift; 0 for never. */
  checkedAt = 0
  /** When a check last found it as it was left; 0: none has. */
  foundWellAt = 0
  lastRun: RunId | undefined = undefined
  flight: RunRecord | undefined = undefined

  // Derived.
  /** The only input whose source may say something else, where `stale` does not say it of all. */
  staleInput: number | undefined = undefined
  #inputs: (Value | undefined)[] | undefined = undefined
  /** The first input without a value, by index. */
  unbound: { input: number; why: Unbound } | undefined = undefined
  #digest: string | undefined = undefined
  #early: Map<string, Value> | undefined = undefined
  state: State | undefined = undefined
  /** Of the reason as last seen. */
  reasonKind = ''
  /** Expected milliseconds from its start to the end of all that waits for it. */
  rank: number
  /** The same before its first success, by its place in lines for locks: those who run again stand behind them. */
  rankAtFirst: number
  waitsFor: Lock | undefined = undefined
  /** The freed lock for whose sake it is queued. */
  pulledBy: Lock | undefined = undefined

  constructor(id: NodeRoleId, node: NodeRecord | undefined, group: Group, revision: number) {
    this.id = id
    this.node = node
    this.group = group
    this.revision = revision
    this.rank = group.rank
    this.rankAtFirst = group.rank
    this.stale = true
  }

  get deployment(): string {
    return this.group.deployment
  }

  get nodeName(): string {
    return this.node === undefined ? NO_NODE : this.node.name
  }

  get success(): Success | undefined {
    return this.#success
  }
  /** Who sleeps and reads what it said is woken before. */
  set success(success: Success | undefined) {
    wakeReaders(this, success)
    this.#success = success
  }

  /** Made when it is asked for, as long as it will be: one that grows takes room for seventeen. */
  get inputs(): (Value | undefined)[] {
    if (this.isAsleep) wake(this)
    return (this.#inputs ??= this.group.inputs.map(() => undefined))
  }

  /**
   * A snapshot tells it its last success; `asleep`: its binding has the digest of that, and is made when it is asked for. The group
   * counts it once all that is said early is known again.
   */
  recall(success: Success, asleep: boolean): void {
    this.#success = success
    if (!asleep) return
    this.#digest = success.digest
    this.#flags = (this.#flags & ~STALE) | BOUND | ASLEEP
  }

  get isAsleep(): boolean {
    return (this.#flags & ASLEEP) !== 0
  }

  /** Called by `wake` alone. */
  awake(): void {
    this.#flags &= ~ASLEEP
    this.group.asleep--
  }

  /** Of its binding as it is now; undefined while an input has no value. */
  get digest(): string | undefined {
    if (this.#digest === undefined && this.isBound) {
      const made = digestOfBinding(this)
      // Equal ones are one text: of a fleet at rest half of them.
      this.#digest = made === this.success?.digest ? this.success.digest : made
    }
    return this.#digest
  }

  /** All inputs have been bound anew, or one lacks a value. */
  setBound(isBound: boolean): void {
    this.#digest = undefined
    this.isBound = isBound
  }

  /** What it says before it runs, as far as it is known. */
  get early(): ReadonlyMap<string, Value> {
    return this.#early ?? NOTHING_EARLY
  }

  setEarly(output: string, value: Value | undefined): void {
    if (value?.digest !== this.#early?.get(output)?.digest) wakeReadersOf(this, output)
    if (value) (this.#early ??= new Map()).set(output, value)
    else this.#early?.delete(output)
  }

  /** It was taken away by a commit and is yet to be removed. */
  get leaving(): boolean {
    return (this.#flags & 1) !== 0
  }
  set leaving(is: boolean) {
    this.#flags = is ? this.#flags | 1 : this.#flags & ~1
  }

  /** A run that changes things has begun, and was not seen to be undone: something of it may be on the node. */
  get touched(): boolean {
    return (this.#flags & 2) !== 0
  }
  set touched(is: boolean) {
    this.#flags = is ? this.#flags | 2 : this.#flags & ~2
  }

  /** What it reads may have changed since it was bound. */
  get stale(): boolean {
    return (this.#flags & STALE) !== 0
  }
  set stale(is: boolean) {
    this.#flags = is ? this.#flags | STALE : this.#flags & ~STALE
  }

  /** All inputs have a value. */
  get isBound(): boolean {
    return (this.#flags & BOUND) !== 0
  }
  set isBound(is: boolean) {
    this.#flags = is ? this.#flags | BOUND : this.#flags & ~BOUND
  }

  /** It runs, or is about to without anybody's word. */
  get moving(): boolean {
    return (this.#flags & 16) !== 0
  }
  set moving(is: boolean) {
    this.#flags = is ? this.#flags | 16 : this.#flags & ~16
  }

  /** It stands in the heap of what is ready. */
  get queued(): boolean {
    return (this.#flags & 32) !== 0
  }
  set queued(is: boolean) {
    this.#flags = is ? this.#flags | 32 : this.#flags & ~32
  }

  /** It stands in the queue of those to be looked at. */
  get isDirty(): boolean {
    return (this.#flags & 64) !== 0
  }
  set isDirty(is: boolean) {
    this.#flags = is ? this.#flags | 64 : this.#flags & ~64
  }

  /** It stands in the queue of those whose early outputs are to be told. */
  get isUnsaid(): boolean {
    return (this.#flags & 128) !== 0
  }
  set isUnsaid(is: boolean) {
    this.#flags = is ? this.#flags | 128 : this.#flags & ~128
  }

  /** The world knows it no more: what queues and heaps still hold of it is void. */
  get isGone(): boolean {
    return (this.#flags & 256) !== 0
  }
  set isGone(is: boolean) {
    this.#flags = is ? this.#flags | 256 : this.#flags & ~256
  }

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

const STALE = 4
const BOUND = 8
const ASLEEP = 512

const NOTHING_EARLY: ReadonlyMap<string, Value> = new Map()

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
