// Machines that are made up: how long they take, what they say, which runs fail on them and which never answer.
import { CONTACT, type Measured, measuredOf, timeOf, UNKNOWN_DURATION_MS } from '../annealer/expected.ts'
import type { Kind, PastRuns } from '../annealer/past-runs.ts'
import type { NodeRecord, NodeRole, RunRecord, World } from '../annealer/world.ts'
import type { Assumption } from '../model/rehearsal.ts'
import type { ContactOutcome, NodeFault, RunOutcome } from '../model/run.ts'
import { type Dice, dice, rollDuration, rollNormal } from './dice.ts'
import type { Facts } from './facts.ts'
import { rollAlike, rollOne } from './roll-past.ts'
import type { Said } from './said.ts'

/** What is the same in all rehearsals of a site. */
export interface Ground {
  /** What counts where no run that is remembered is like it. */
  durations: ReadonlyMap<string, Measured>
  past: PastRuns
  /** By role, and for all that it does not name. */
  odds: ReadonlyMap<string, number>
  fail: number | undefined
  dead: number
  facts: Facts
  said: Said
  unmeasured: Unmeasured
}

/** Roles of which no run is remembered that is like one that was rehearsed. */
export interface Unmeasured {
  /** Taken to last a second. */
  guessed: Set<string>
  /** Taken to last as long as it is usual among the other roles. */
  usual: Set<string>
  /** Taken to last as long as when other things had changed. */
  otherCause: Set<string>
}

export function nothingUnmeasured(): Unmeasured {
  return { guessed: new Set(), usual: new Set(), otherCause: new Set() }
}

/** As long as a connection is waited for. */
const NO_ANSWER_MS = 10_000
/** What a first contact takes where none was measured. */
const CONTACT_GUESS: Measured = { ms: 500, spread: 100 }

export class Machines {
  readonly #ground: Ground
  readonly #seed: number

  constructor(ground: Ground, seed: number) {
    this.#ground = ground
    this.#seed = seed
  }

  contact(node: NodeRecord): { afterMs: number; outcome: ContactOutcome } {
    const { facts, dead, durations } = this.#ground
    const fault = node.fault ?? (dice(this.#seed, `dead ${node.name}`).chance(dead) ? SILENT : undefined)
    if (fault) return { afterMs: NO_ANSWER_MS, outcome: { result: 'fault', fault } }
    const { ms, spread } = durations.get(CONTACT) ?? CONTACT_GUESS
    const afterMs = rollDuration(dice(this.#seed, `contact ${node.name} ${node.tries}`), ms, spread)
    return { afterMs, outcome: { result: 'reached', facts: facts.of(node.name, node.spec) } }
  }

  run(world: World, record: RunRecord, nodeRole: NodeRole): { afterMs: number; outcome: RunOutcome } {
    const { action, attempt, digest } = record
    const rolls = dice(this.#seed, `${record.nodeRole} ${action} ${attempt} ${digest}`)
    const durationMs = this.#durationOf(nodeRole, record, rolls)
    return { afterMs: durationMs, outcome: this.#outcome(world, record, nodeRole, rolls.roll(), durationMs) }
  }

  #durationOf(nodeRole: NodeRole, record: RunRecord, rolls: Dice): number {
    const { durations, past, unmeasured } = this.#ground
    const { name } = nodeRole.group.role
    const { action } = record
    const kind: Kind = { ...record, isFirst: timeOf(nodeRole) === 'first' }
    const alike = past.alike(kind)
    if (alike?.otherCause) unmeasured.otherCause.add(name)
    if (alike) return Math.round(this.#pace() * rollAlike(alike, past.deviation, rolls))
    const measured = measuredOf(durations, nodeRole, action)
    if (measured) return rollDuration(rolls, measured.ms, measured.spread)
    const usual = past.usual(kind)
    unmeasured[usual.length > 0 ? 'usual' : 'guessed'].add(name)
    // Of one role all runs are slow or quick.
    if (usual.length > 0) return Math.round(rollOne(usual, dice(this.#seed, `usual ${name} ${action}`)))
    return rollDuration(rolls, UNKNOWN_DURATION_MS, UNKNOWN_DURATION_MS / 4)
  }

  /** Of one rehearsal: where one run is slower than the pace of late, others are, too. */
  #pace(): number {
    const { pace } = this.#ground.past
    return pace.factor * Math.exp(pace.unsure * rollNormal(dice(this.#seed, 'pace')))
  }

  #outcome(
    world: World,
    { action, digest }: RunRecord,
    nodeRole: NodeRole,
    luck: number,
    durationMs: number,
  ): RunOutcome {
    // A machine on which it succeeded is as it was left.
    if (action === 'check' && nodeRole.success?.digest !== digest) return failed('not as asked', durationMs)
    const { fail, odds, said } = this.#ground
    if (action !== 'check' && luck < (fail ?? odds.get(nodeRole.group.role.name) ?? 0))
      return failed('it was made to fail in this rehearsal', durationMs)
    const outputs = action === 'remove' ? {} : said.by(world, nodeRole)
    return { result: 'ok', changed: true, outputs, filesChanged: [], durationMs }
  }
}

const SILENT: NodeFault = { code: 'unreachable', message: 'it was made not to answer in this rehearsal' }

function failed(message: string, durationMs: number): RunOutcome {
  return { result: 'failed', exit: 1, message, tail: '', retry: true, durationMs }
}

export function groundAssumptions(ground: Ground): Assumption[] {
  const { unmeasured, durations, odds, fail, dead, facts, said } = ground
  const told: Assumption[] = []
  for (const [kind, roles] of [
    ['duration', unmeasured.guessed],
    ['usualDuration', unmeasured.usual],
    ['otherCause', unmeasured.otherCause],
  ] as const)
    if (roles.size > 0) told.push({ kind, roles: [...roles].sort() })
  if (!durations.has(CONTACT)) told.push({ kind: 'contact', ms: CONTACT_GUESS.ms })
  const rates = fail === undefined ? [...odds].map(([role, share]) => ({ role, share })) : []
  told.push({ kind: 'failures', rates, ...(fail === undefined ? {} : { asked: fail }) })
  if (dead > 0) told.push({ kind: 'dead', share: dead })
  return [...told, ...facts.assumptions, ...said.assumptions]
}
