// One rehearsal: the heart itself, with a clock that jumps to the next moment and machines that are made up.
import { contactsDue, isAtRest, timersDue } from '../annealer/due.ts'
import { type Turn, turn } from '../annealer/turn.ts'
import type { NodeRecord, World } from '../annealer/world.ts'
import { assert } from '../base/assert.ts'
import { Heap } from '../base/heap.ts'
import type { Command } from '../model/command.ts'
import { LOGINS_AT_ONCE } from '../model/run.ts'
import type { Machines } from './machines.ts'

interface Moment {
  at: number
  /** In the order in which they were thought of, so that the same story is told each time. */
  number: number
  command: Command
}

/** What has not come to rest after so long goes on for ever, as far as we can tell. */
const MOST_MS = 30 * 24 * 3_600_000

export class Rehearsal {
  readonly world: World
  readonly beganAt: number
  readonly #machines: Machines
  readonly #onTurn: (turn: Turn) => void
  readonly #moments = new Heap<Moment>((a, b) => a.at - b.at || a.number - b.number)
  readonly #contacting = new Set<string>()
  /** When each of the logins that may go on at once is free again. */
  readonly #logins = Array.from({ length: LOGINS_AT_ONCE }, () => 0)
  #thought = 0
  /** When time alone makes something due. */
  #wakeAt: number | undefined
  #contactsWakeAt: number | undefined
  /** How many nodes are wanted, as far as was seen: another number tells that somebody has come to want one. */
  #wanted = -1

  constructor(world: World, machines: Machines, beganAt: number, onTurn: (turn: Turn) => void) {
    this.world = world
    this.beganAt = Math.max(beganAt, world.now)
    this.#machines = machines
    this.#onTurn = onTurn
  }

  begin(commands: readonly Command[]): void {
    this.#take(commands, this.beganAt)
  }

  /** In the midst of it, at the moment that it has come to. */
  tell(commands: readonly Command[]): void {
    this.#take(commands, this.world.now)
  }

  /** When something happens next; undefined once nothing does any more. */
  nextAt(): number | undefined {
    if (isAtRest(this.world)) return undefined
    const next = this.#moments.peek()?.at
    if (next === undefined || this.#wakeAt === undefined) return next ?? this.#wakeAt
    return Math.min(next, this.#wakeAt)
  }

  /** Takes all that happens at the next moment in one turn; false when there was nothing, or it has gone on too long. */
  step(): boolean {
    const now = this.nextAt()
    if (now === undefined || now > this.beganAt + MOST_MS) return false
    const commands: Command[] = []
    for (let next = this.#moments.peek(); next && next.at <= now; next = this.#moments.peek()) {
      this.#moments.pop()
      if (next.command.kind === 'reportContact') this.#contacting.delete(next.command.node)
      commands.push(next.command)
    }
    this.#take(commands, now)
    return true
  }

  #take(commands: readonly Command[], now: number): void {
    const { world } = this
    const made = turn(world, commands, now)
    for (const [index, answered] of made.answers.entries()) {
      const what = commands[index]?.kind ?? ''
      assert(answered.ok, `a rehearsal is refused ${what}: ${answered.ok ? '' : answered.refusal.message}`)
    }
    for (const event of made.events) if (event.kind === 'runStarted') this.#carryOut(event.run, now)
    this.#lookForContacts(made, now)
    const timersAt = timersDue(world) ?? Infinity
    const wakeAt = Math.min(timersAt, this.#contactsWakeAt ?? Infinity)
    this.#wakeAt = wakeAt === Infinity ? undefined : wakeAt
    this.#onTurn(made)
  }

  /** All who are wanted are looked at when one has been added, and not in each turn: that would be the square of a fleet. */
  #lookForContacts({ events }: Turn, now: number): void {
    const { contactsWanted } = this.world
    for (const { kind } of events) if (kind === 'nodeReached') this.#wanted--
    const isSame = contactsWanted.size === this.#wanted && !events.some(({ kind }) => kind === 'nodeLost')
    if (isSame && !(this.#contactsWakeAt !== undefined && this.#contactsWakeAt <= now)) return
    const { contacts, wakeAt } = contactsDue(this.world)
    for (const node of contacts) if (!this.#contacting.has(node.name)) this.#contact(node, now)
    this.#contactsWakeAt = wakeAt
    this.#wanted = contactsWanted.size
  }

  #carryOut(run: string, now: number): void {
    const record = this.world.runs.get(run)
    const nodeRole = record && this.world.nodeRoles.get(record.nodeRole)
    assert(record && nodeRole, `${run} was just started`)
    const { afterMs, outcome } = this.#machines.run(this.world, record, nodeRole)
    this.#later(now + afterMs, { kind: 'reportRun', run, token: record.token, outcome })
  }

  #contact(node: NodeRecord, now: number): void {
    this.#contacting.add(node.name)
    const { afterMs, outcome } = this.#machines.contact(node)
    const free = this.#logins.indexOf(Math.min(...this.#logins))
    const at = Math.max(now, this.#logins[free] as number) + afterMs
    this.#logins[free] = at
    this.#later(at, { kind: 'reportContact', node: node.name, outcome })
  }

  /** A moment passes at least: what takes no time at all would go round in circles before anything else could happen. */
  #later(at: number, command: Command): void {
    this.#moments.push({ at: Math.max(at, this.world.now + 1), number: ++this.#thought, command })
  }
}
