// A heart on the bench: a world that is driven by commands and keeps its own journal, and what must hold of it always.
import { expect } from 'vitest'
import { canonical } from '../../src/base/canonical.ts'
import type { Json } from '../../src/base/json.ts'
import { inputsOfSuccess } from '../../src/annealer/asleep.ts'
import { isSameJson } from '../../src/base/same-json.ts'
import { joinJson, splitJson } from '../../src/base/split.ts'
import { bindingOf } from '../../src/annealer/bind.ts'
import { judge, nextAction } from '../../src/annealer/judge.ts'
import { restoreSnapshot, takeSnapshot } from '../../src/annealer/snapshot.ts'
import { beginSnapshot } from '../../src/annealer/taking.ts'
import { replay, settle, type Turn, turn } from '../../src/annealer/turn.ts'
import { newWorld, type NodeRole, type World } from '../../src/annealer/world.ts'
import type { Command } from '../../src/model/command.ts'
import type { Event, Recorded } from '../../src/model/event.ts'
import type { Language } from '../../src/model/language.ts'

export interface Heart {
  world: World
  recorded: Recorded[]
  now: number
  /** Node-roles that turns have looked at. */
  visited: number
}

/** Any moment will do; scripts show spans and not moments. */
const BEGINNING = Date.UTC(2026, 0, 1)

export function newHeart(language: Language): Heart {
  return { world: newWorld(language), recorded: [], now: BEGINNING, visited: 0 }
}

export function tell(heart: Heart, ...commands: Command[]): Turn {
  const made = turn(heart.world, commands, heart.now)
  for (const event of made.events) record(heart, event)
  heart.visited += made.visited
  return made
}

/** As after a crash: what is left is the journal, or a snapshot of it. Both must give what was there. */
export function restart(heart: Heart): void {
  heart.world = restored(heart.world)
}

/** The world as its snapshot gives it back, by way of text, as a disk would: that of a large fleet, in blocks of two. */
export function restored(world: World): World {
  return restoreSnapshot(joinJson(splitJson(beginSnapshot(world, 2))), world.language)
}

export function replayed(heart: Heart): World {
  const world = newWorld(heart.world.language)
  for (const { at, event } of heart.recorded) replay(world, at, event)
  // Time goes on without an event.
  world.now = heart.world.now
  settle(world)
  return world
}

/** Law: what follows from the events does not depend on the way there. */
export function expectSameAfterReplay(heart: Heart): void {
  expectSame(replayed(heart), heart.world)
}

/** Law: what was worked out step by step is what one gets from scratch. Gives that world, for who asks more of it. */
export function expectSameFromScratch(world: World): World {
  const scratch = restored(world)
  expectSame(scratch, world)
  return scratch
}

/** Drawings of differences, and texts, are made only where there is one. */
function expectSame(again: World, live: World): void {
  const [derived, wanted] = [derivedOf(again), derivedOf(live)]
  if (!isSameJson(derived, wanted)) expect(derived).toEqual(wanted)
  if (!isSameJson(takeSnapshot(again), takeSnapshot(live)))
    expect(snapshotText(again)).toBe(snapshotText(live))
}

export function snapshotText(world: World): string {
  return canonical(takeSnapshot(world))
}

/** All that is derived of all node-roles, in the order of their names. */
export function derivedOf(world: World): Record<string, Json> {
  const ids = [...world.nodeRoles.keys()].sort()
  return Object.fromEntries(ids.map((id) => [id, derivedOfOne(world, world.nodeRoles.get(id) as NodeRole)]))
}

function derivedOfOne(world: World, nodeRole: NodeRole): Json {
  const { state, reason } = judge(world, nodeRole)
  const binding = nodeRole.leaving ? null : bindingOf(nodeRole)
  const early = [...nodeRole.early].map(([name, value]): [string, Json] => [name, value.json])
  const told = {
    kept: nodeRole.state,
    state,
    reason,
    binding,
    next: nextAction(nodeRole),
    ran: nodeRole.leaving ? null : inputsOfSuccess(nodeRole),
    early: nodeRole.leaving ? null : Object.fromEntries(early),
  }
  return JSON.parse(JSON.stringify(told)) as Json
}

function record(heart: Heart, event: Event): void {
  heart.recorded.push({ seq: heart.recorded.length + 1, at: heart.world.now, event })
}
