// One turn: commands in, events out, the world moved on. Deterministic: the time comes in, nothing else does.
import type { Command } from '../model/command.ts'
import type { Event, Recorded } from '../model/event.ts'
import type { Answer } from '../model/refusal.ts'
import type { State } from '../model/reason.ts'
import { beginning, cooling } from './cycles.ts'
import { claimCheck, wakeChecks } from './check-schedule.ts'
import { decide } from './decide.ts'
import { evolve } from './evolve.ts'
import { ripple } from './ripple.ts'
import { claimNext, clearNext } from './schedule.ts'
import { awaitSteps, nextStep } from './steps.ts'
import { touch } from './touch.ts'
import { noStir, type NodeRole, type World } from './world.ts'

export interface Turn {
  events: Event[]
  /** One per command, in order: the events that it became, or the refusal. */
  answers: Answer<Event[]>[]
  /** Node-roles whose state changed, with the state before; a gone one has no state now. */
  changed: Map<NodeRole, State | undefined>
  /** Node-roles looked at: the work of the turn, independent of the machine. */
  visited: number
}

/**
 * The world is ahead of the journal until the events are durable: who calls appends them before acting on anything.
 * Without `mayClaim` nothing is started: nobody is there to carry it out.
 */
export function turn(world: World, commands: readonly Command[], now: number, mayClaim = true): Turn {
  world.now = Math.max(world.now, now)
  world.changed = new Map()
  world.stir = noStir()
  const events: Event[] = []
  const happen = (event: Event): void => {
    evolve(world, event)
    events.push(event)
  }
  const answers = commands.map((command) => {
    const decided = decide(world, command)
    if (decided.ok) decided.value.forEach(happen)
    return decided
  })
  wakeTimers(world)
  let visited = ripple(world)
  wakeChecks(world)
  const goOn = (decideNext: (world: World) => Event | undefined): void => {
    for (let event = decideNext(world); event; event = decideNext(world)) {
      happen(event)
      visited += ripple(world)
    }
  }
  // Who goes first is decided before it is asked whether anything moves.
  goOn(nextStep)
  const began = beginning(world)
  if (began) happen(began)
  goOn(
    (here) =>
      nextStep(here) ?? (mayClaim ? (clearNext(here) ?? claimNext(here) ?? claimCheck(here)) : undefined),
  )
  const cooled = cooling(world)
  if (cooled) happen(cooled)
  return { events, answers, changed: world.changed, visited }
}

/** Takes in what happened before, without deciding anything: restart and replay. `settle` after the last one. */
export function replay(world: World, at: number, event: Event): void {
  world.now = Math.max(world.now, at)
  evolve(world, event)
}

/** Derives all that is derived, also what time alone has moved, of which no event tells; claims nothing. */
export function settle(world: World): void {
  derive(world)
  world.changed = new Map()
}

function derive(world: World): void {
  wakeTimers(world)
  ripple(world)
  awaitSteps(world)
}

/** Takes in what somebody else's turn did, as one who follows them; the world is as after `settle`. */
export function takeIn(world: World, recorded: readonly Recorded[]): Pick<Turn, 'events' | 'changed'> {
  world.changed = new Map()
  for (const { at, event } of recorded) replay(world, at, event)
  derive(world)
  const { changed } = world
  world.changed = new Map()
  return { events: recorded.map(({ event }) => event), changed }
}

/** The same in steps of about `most` node-roles; true when nothing is left to derive. */
export function settleSome(world: World, most: number): boolean {
  ripple(world, most)
  if (world.dirty.size > 0) return false
  settle(world)
  return true
}

function wakeTimers(world: World): void {
  for (const timers of [world.timers, world.alarms]) {
    for (let timer = timers.peek(); timer && timer.at <= world.now; timer = timers.peek()) {
      timers.pop()
      touch(world, timer.wakes)
    }
  }
}
