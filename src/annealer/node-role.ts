// A node-role as the heart keeps it, in little room: there are a million of them.
import { NO_NODE, type NodeRoleId, nodeRoleId } from '../model/names.ts'
import type { Unbound } from '../model/binding.ts'
import type { State } from '../model/reason.ts'
import type { RunId } from '../model/run.ts'
import { tellEarly, wake, wakeReaders, wakeReadersOf } from './asleep.ts'
import { digestOfBinding } from './bind.ts'
import type { Group } from './graph.ts'
import { MostlyPlain } from './mostly-plain.ts'
import type { Value } from './value.ts'
import type { Lock, NodeRecord, RunRecord, Success } from './world.ts'

/**
 * What hardly any has at a time stands apart; yes and no are bits of one number; its name and the digest are made when they are asked for. It
 * reads as if all were plain fields.
 */
export class NodeRole extends MostlyPlain {
  /** Undefined for a role that is `per: deployment`. */
  readonly node: NodeRecord | undefined
  group: Group
  /** Derived: where it stands among the members of its group. */
  place = 0
  #flags = 0

  // Told by events.
  /** The revision whose group it is of; an older one when it leaves. */
  revision: number
  #success: Success | undefined = undefined
  /** When it was last looked at for drift; 0 for never. */
  checkedAt = 0
  /** When a check last found it as it was left; 0: none has. */
  foundWellAt = 0
  #lastRun: RunId | undefined = undefined
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

  constructor(node: NodeRecord | undefined, group: Group, revision: number) {
    super()
    this.node = node
    this.group = group
    this.revision = revision
    this.rank = group.rank
    this.rankAtFirst = group.rank
    this.stale = true
  }

  /** Made anew each time: as a field it would take as much room as all that is derived. Order by `byName`, which makes none. */
  get id(): NodeRoleId {
    return nodeRoleId({ deployment: this.deployment, node: this.nodeName, role: this.group.role.name })
  }

  get deployment(): string {
    return this.group.deployment
  }

  get nodeName(): string {
    return this.node === undefined ? NO_NODE : this.node.name
  }

  get success(): Success | undefined {
    if (this.isUnread) this.#readRow()
    return this.#success
  }
  /** Who sleeps and reads what it said is woken before. */
  set success(success: Success | undefined) {
    if (this.isUnread) this.#readRow()
    wakeReaders(this, success)
    this.#success = success
  }

  /** Whether it has; known before anybody has read with what. */
  get hasSucceeded(): boolean {
    return this.#success !== undefined || this.isUnread
  }

  get lastRun(): RunId | undefined {
    if (this.isUnread) this.#readRow()
    return this.#lastRun
  }
  set lastRun(run: RunId | undefined) {
    if (this.isUnread) this.#readRow()
    this.#lastRun = run
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

  /** It tells what it says early when somebody asks for it. */
  recallEarly(): void {
    this.#flags |= UNTOLD
  }

  /** The same of one whose row tells nothing but a success, and is read when somebody asks for that: it is asleep. */
  recallUnread(): void {
    this.#flags = (this.#flags & ~STALE) | BOUND | ASLEEP | UNREAD | TOUCHED
  }

  get isUnread(): boolean {
    return (this.#flags & UNREAD) !== 0
  }

  #readRow(): void {
    this.group.unread?.tellAround(this)
  }

  /** Called by `Unread` alone. */
  read(success: Success): void {
    this.#flags &= ~UNREAD
    this.#success = success
    this.#lastRun = success.run
    this.#digest = success.digest
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
    if (this.isUnread) this.#readRow()
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
    this.tellEarly()
    return this.#early ?? NOTHING_EARLY
  }

  /** With what that reads bound and nothing else: of a thousand that read what all of them say none is woken by another. */
  tellEarly(): void {
    if ((this.#flags & UNTOLD) === 0) return
    const asleep = this.#flags & ASLEEP
    this.#flags &= ~(UNTOLD | ASLEEP)
    this.#early = tellEarly(this)
    this.#flags |= asleep
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
    return (this.#flags & TOUCHED) !== 0
  }
  set touched(is: boolean) {
    this.#flags = is ? this.#flags | TOUCHED : this.#flags & ~TOUCHED
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
}

const TOUCHED = 2
const STALE = 4
const BOUND = 8
const ASLEEP = 512
const UNREAD = 1024
const UNTOLD = 2048

const NOTHING_EARLY: ReadonlyMap<string, Value> = new Map()
