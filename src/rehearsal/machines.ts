// Machines that are made up: how long they take, what they say, which runs fail on them and which never answer.
import { CONTACT, type Measured, measuredOf, UNKNOWN_DURATION_MS } from '../annealer/expected.ts'
import type { NodeRecord, NodeRole, RunRecord, World } from '../annealer/world.ts'
import type { Assumption } from '../model/rehearsal.ts'
import type { ContactOutcome, NodeFault, RunAction, RunOutcome } from '../model/run.ts'
import { dice, rollDuration } from './dice.ts'
import type { Facts } from './facts.ts'
import type { Said } from './said.ts'

/** What is the same in all rehearsals of a site. */
export interface Ground {
  durations: ReadonlyMap<string, Measured>
  /** By role, and for all that it does not name. */
  odds: ReadonlyMap<string, number>
  fail: number | undefined
  dead: number
  facts: Facts
  said: Said
  /** Roles that were never measured. */
  guessed: Set<string>
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
    const durationMs = this.#durationOf(nodeRole, action, rolls)
    return { afterMs: durationMs, outcome: this.#outcome(world, record, nodeRole, rolls.roll(), durationMs) }
  }

  #durationOf(nodeRole: NodeRole, action: RunAction, rolls: ReturnType<typeof dice>): number {
    const measured = measuredOf(this.#ground.durations, nodeRole, action)
    if (!measured) this.#ground.guessed.add(nodeRole.group.role.name)
    const { ms, spread } = measured ?? { ms: UNKNOWN_DURATION_MS, spread: UNKNOWN_DURATION_MS / 4 }
    return rollDuration(rolls, ms, spread)
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
  const { guessed, durations, odds, fail, dead, facts, said } = ground
  const told: Assumption[] = []
  if (guessed.size > 0) told.push({ kind: 'duration', roles: [...guessed].sort() })
  if (!durations.has(CONTACT)) told.push({ kind: 'contact', ms: CONTACT_GUESS.ms })
  const rates = fail === undefined ? [...odds].map(([role, share]) => ({ role, share })) : []
  told.push({ kind: 'failures', rates, ...(fail === undefined ? {} : { asked: fail }) })
  if (dead > 0) told.push({ kind: 'dead', share: dead })
  return [...told, ...facts.assumptions, ...said.assumptions]
}
