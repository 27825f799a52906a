// What past runs took, each filed under what made it run: a setting that restarts a service takes longer than a longer list of its peers.
import { type NodeRoleId, nodeRoleName } from '../model/names.ts'
import type { Cause } from '../model/reason.ts'
import type { Measured } from './expected.ts'
import { Pace } from './pace.ts'
import type { RunRecord } from './world.ts'

/** What tells how long a run takes, as far as it is known before it runs. */
export interface Kind extends Pick<RunRecord, 'nodeRole' | 'action' | 'cause' | 'origins'> {
  /** It has nothing to build on: it has not succeeded yet, or all of it was removed. */
  isFirst: boolean
}

/** Milliseconds at the usual pace, in the order in which they were measured. */
export interface Alike {
  all: readonly number[]
  /** Those of the node-role itself: machines differ, and so do the places of members in a cluster. */
  own: readonly number[]
  /** Not for what makes it run now, but for something else. */
  otherCause: boolean
}

interface Drawer {
  /** All in it ran for the same reason. */
  isExact: boolean
  all: number[]
  byNodeRole: Map<NodeRoleId, number[]>
}

/** So many of the last ones count. */
const MOST = 30
/** Fewer than that do not show how much they vary, and so few other roles not what is usual. */
const LEAST = 3
/** Where nothing shows it. The first measurement is taken to be off by half, as in RFC 6298. */
const DEVIATION_GUESS = 0.5

export class PastRuns {
  /** By which what they took is to be multiplied today. */
  readonly pace = new Pace()
  /** By role, and within it by when (`first`, `again`, `remove`, `check`) and cause; the empty one has all that were applied. */
  readonly #roles = new Map<string, Map<string, Drawer>>()
  /** By when: what is usual for each role. */
  readonly #usual = new Map<string, ReadonlyMap<string, number>>()
  #deviation: number | undefined

  constructor(runs: Iterable<RunRecord>) {
    const applied = new Set<NodeRoleId>()
    for (const run of runs) {
      if (run.result !== 'ok' || run.durationMs === undefined) continue
      const isFirst = !applied.has(run.nodeRole) && !buildsOn(run.cause)
      const names = namesOf({ ...run, isFirst })
      this.#notePace(run, names[0] as string, run.durationMs)
      const usualMs = run.durationMs / this.pace.factor
      for (const [index, name] of names.entries()) this.#put(run.nodeRole, name, index === 0, usualMs)
      if (run.action === 'apply') applied.add(run.nodeRole)
      if (run.action === 'remove') applied.delete(run.nodeRole)
    }
  }

  /** Those that were most like it; undefined where none of its role is remembered. */
  alike(kind: Kind): Alike | undefined {
    const drawers = this.#roles.get(nodeRoleName(kind.nodeRole).role)
    if (!drawers) return undefined
    const names = namesOf(kind)
    const exact = drawers.get(names[0] as string) ?? slowestPart(drawers, kind)
    const drawer = exact ?? names.map((name) => drawers.get(name)).find((found) => found !== undefined)
    if (!drawer) return undefined
    const own = drawer.byNodeRole.get(kind.nodeRole) ?? []
    return { all: drawer.all, own, otherCause: !exact }
  }

  /** What is usual for each role of which such runs are remembered, where these are enough to tell. */
  usual(kind: Kind): readonly number[] {
    const when = whenOf(kind)
    const known = this.#usual.get(when) ?? this.#workOutUsual(when)
    return known.size < LEAST ? [] : [...known.values()]
  }

  /** How far such as are alike are apart, on a logarithmic scale. */
  get deviation(): number {
    this.#deviation ??= this.#workOutDeviation()
    return this.#deviation
  }

  #notePace({ nodeRole, session, revision }: RunRecord, name: string, ms: number): void {
    const drawer = this.#roles.get(nodeRoleName(nodeRole).role)?.get(name)
    if (!drawer || drawer.all.length < LEAST) return
    const own = drawer.byNodeRole.get(nodeRole) ?? []
    const like = own.length < LEAST ? drawer.all : own
    // Of logarithms, as the pace is: what is now short and now long must not look like a change of pace.
    const usualLog = like.reduce((sum, one) => sum + Math.log(Math.max(1, one)), 0) / like.length
    this.pace.note(`${session} ${revision}`, Math.max(1, ms) / Math.exp(usualLog))
  }

  #put(nodeRole: NodeRoleId, name: string, isExact: boolean, ms: number): void {
    const { role } = nodeRoleName(nodeRole)
    const drawers = this.#roles.get(role) ?? new Map<string, Drawer>()
    this.#roles.set(role, drawers)
    const drawer = drawers.get(name) ?? { isExact, all: [], byNodeRole: new Map() }
    drawers.set(name, drawer)
    const own = drawer.byNodeRole.get(nodeRole) ?? []
    drawer.byNodeRole.set(nodeRole, own)
    for (const list of [drawer.all, own]) {
      list.push(ms)
      if (list.length > MOST) list.shift()
    }
  }

  #workOutUsual(when: string): ReadonlyMap<string, number> {
    const usual = new Map<string, number>()
    for (const [role, drawers] of this.#roles) {
      const drawer = drawers.get(when)
      if (drawer) usual.set(role, median(drawer.all))
    }
    this.#usual.set(when, usual)
    return usual
  }

  #workOutDeviation(): number {
    let distance = 0
    let count = 0
    for (const drawers of this.#roles.values()) {
      for (const { isExact, all } of drawers.values()) {
        if (!isExact || all.length < LEAST) continue
        const middle = Math.max(1, median(all))
        for (const ms of all) distance += Math.abs(Math.log(Math.max(1, ms) / middle))
        count += all.length
      }
    }
    return count === 0 ? DEVIATION_GUESS : distance / count
  }
}

/** Each counts so much of the one after it: machines and what is on them change. What ran for something else counts alike. */
export const RECENT = 0.6

/** The mean, of which a node-role with much of a past of its own has the larger part, and the mean distance from it. */
export function measuredIn({ all, own, otherCause }: Alike, deviation: number, pace = 1): Measured {
  const share = own.length / (own.length + 1)
  const fades = otherCause ? 1 : RECENT
  const mean = (value: (ms: number) => number): number =>
    (own.length === 0 ? 0 : share * meanOf(own.map(value), fades)) +
    (1 - share) * meanOf(all.map(value), fades)
  const ms = pace * mean((one) => one)
  const unsure = (ms * deviation) / Math.sqrt(all.length)
  return { ms: Math.round(ms), spread: Math.round(mean((one) => Math.abs(pace * one - ms)) + unsure) }
}

function meanOf(values: readonly number[], fades: number): number {
  let sum = 0
  let weights = 0
  for (const value of values) {
    sum = sum * fades + value
    weights = weights * fades + 1
  }
  return sum / weights
}

/** Of what ran before the first run that is remembered only its cause tells that it had succeeded. */
function buildsOn({ kind }: Cause): boolean {
  return kind === 'inputsChanged' || kind === 'roleChanged' || kind === 'drift'
}

type When = 'first' | 'again' | 'remove' | 'check'

function whenOf({ action, isFirst }: Pick<Kind, 'action' | 'isFirst'>): When {
  return action === 'apply' ? (isFirst ? 'first' : 'again') : action
}

/** The most telling one first. */
function namesOf(kind: Kind): string[] {
  const when = whenOf(kind)
  if (when === 'again') return [nameOfCause(kind.cause), ...nameOfOrigins(kind), when, '']
  // What was never removed is taken to be removed as it was applied.
  return [when, '']
}

function nameOfCause(cause: Cause): string {
  return cause.kind === 'inputsChanged'
    ? `${INPUTS}${cause.inputs.toSorted().join(',')}`
    : `again ${cause.kind}`
}

const INPUTS = 'again for '

/** A setting that never changed before is more like other settings than like what others say. */
function nameOfOrigins({ cause, origins }: Kind): string[] {
  if (cause.kind !== 'inputsChanged') return []
  const from = new Set(cause.inputs.map((input) => origins[input]?.kind ?? 'none'))
  return [`again from ${[...from].sort().join(',')}`]
}

/** What has several things to do takes at least as long as the longest of them. */
function slowestPart(drawers: ReadonlyMap<string, Drawer>, { cause, ...kind }: Kind): Drawer | undefined {
  if (whenOf(kind) !== 'again' || cause.kind !== 'inputsChanged') return undefined
  const parts = [...drawers].filter(
    ([name]) =>
      name.startsWith(INPUTS) &&
      name
        .slice(INPUTS.length)
        .split(',')
        .every((input) => cause.inputs.includes(input)),
  )
  return parts.map(([, drawer]) => drawer).sort((a, b) => median(b.all) - median(a.all))[0]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}
