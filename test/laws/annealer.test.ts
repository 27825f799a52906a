// Laws of the heart: what must hold for all sites and all histories. A failure prints the seed and the smallest story
// found; ANNEAL_SEED repeats a run, ANNEAL_RUNS makes it longer.
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { canonical } from '../../src/base/canonical.ts'
import { digestOf } from '../../src/base/digest.ts'
import type { Json } from '../../src/base/json.ts'
import { bindingOf } from '../../src/annealer/bind.ts'
import { isAtRest, whatIsDue } from '../../src/annealer/due.ts'
import { judge } from '../../src/annealer/judge.ts'
import type { Turn } from '../../src/annealer/turn.ts'
import { turn } from '../../src/annealer/turn.ts'
import type { NodeRole, RunRecord, World } from '../../src/annealer/world.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Command } from '../../src/model/command.ts'
import type { Event } from '../../src/model/event.ts'
import { reasonWords } from '../../src/model/words.ts'
import {
  expectSameAfterReplay,
  expectSameFromScratch,
  type Heart,
  newHeart,
  restart,
  restored,
  tell,
} from '../support/heart.ts'
import { anyStep, commandsFor, contact, okWith, type Play, report, sorted } from './random-history.ts'
import { anySite } from './random-site.ts'

const seed = Number(process.env['ANNEAL_SEED'] ?? Date.now() % 1_000_000_000)
const numRuns = Number(process.env['ANNEAL_RUNS'] ?? 150)
/** As a failure prints it: tells that one story again. */
const path = process.env['ANNEAL_PATH']
const language = makeLanguage()

/** What the histories came by; a law that never meets a case says nothing of it. */
const met = new Map<string, number>()

afterAll(() => {
  const all = [...met].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => `${what} ${times}`)
  console.log(`laws: ANNEAL_SEED=${seed}; met: ${all.join(', ')}`)
})

function meet(what: string): void {
  met.set(what, (met.get(what) ?? 0) + 1)
}

const anyHistory = fc.array(fc.array(anyStep, { minLength: 1, maxLength: 3 }), {
  minLength: 10,
  maxLength: 40,
  size: 'max',
})

test('all laws hold along any history', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(anySite, anyHistory, (site, history) => {
      const play: Play = { heart: newHeart(language), short: site }
      const told: { now: number; commands: Command[]; events: Event[] }[] = []
      const go = (commands: Command[]): void => {
        const made = tell(play.heart, ...commands)
        told.push({ now: play.heart.now, commands, events: made.events })
        expectLaws(play.heart, made)
      }
      go([{ kind: 'startSession', by: 'ann' }])
      go(commandsFor(play, { do: 'commit', change: {} }))
      for (const steps of history) {
        if (steps.some((step) => step.do === 'restart')) restart(play.heart)
        go(steps.flatMap((step) => commandsFor(play, step)))
      }
      expectOneReportEach(play.heart)
      expectSameAfterReplay(play.heart)
      expectSameAgain(told)
      driveToRest(play.heart)
      expectQuietWhenNothingChanges(play)
    }),
    {
      seed,
      numRuns,
      interruptAfterTimeLimit: 50_000,
      ...(path === undefined ? {} : { path, endOnFailure: true }),
    },
  )
})

function expectLaws(heart: Heart, made: Turn): void {
  const { world } = heart
  expectSameFromScratch(world)
  expectNothingForgotten(heart)
  expectLocksKept(world)
  expectReasons(heart)
  for (const event of made.events) {
    meet(event.kind)
    if (event.kind !== 'runStarted') continue
    meet(`${event.action} because ${event.cause.kind}`)
    expectRightStart(world, event)
  }
  for (const given of made.answers) if (!given.ok) meet(`refused: ${given.refusal.code}`)
}

/** A world made anew finds nothing to start and nobody to reach that the live one has not found. */
function expectNothingForgotten({ world, now }: Heart): void {
  const scratch = restored(world)
  const live = new Set(whatIsDue(world).contacts.map(({ name }) => name))
  const { wakeAt = Infinity } = whatIsDue(world)
  for (const node of whatIsDue(scratch).contacts) {
    const awaited = [...node.nodeRoles].some((one) => isWaiting(scratch, one, 'contact'))
    if (!node.alive || awaited) expect([...live]).toContain(node.name)
  }
  expect(whatIsDue(scratch).wakeAt ?? Infinity).toBeGreaterThanOrEqual(wakeAt)
  for (const nodeRole of scratch.nodeRoles.values()) {
    if (isWaiting(scratch, nodeRole, 'backoff'))
      expect(nodeRole.attempts?.nextAt).toBeGreaterThanOrEqual(wakeAt)
  }
  expect(turn(scratch, [{ kind: 'tick' }], now).events).toEqual([])
}

function isWaiting(world: World, nodeRole: NodeRole, kind: string): boolean {
  const { reason } = judge(world, nodeRole)
  return reason.kind === 'waits' && reason.wait.kind === kind
}

function expectLocksKept(world: World): void {
  const holders = new Map<string, number>()
  const capacities = new Map<string, number>()
  for (const { locks } of world.inFlight) {
    for (const { key, capacity } of locks) {
      holders.set(key, (holders.get(key) ?? 0) + 1)
      capacities.set(key, Math.min(capacity, capacities.get(key) ?? capacity))
    }
  }
  for (const [key, count] of holders) expect(count, key).toBeLessThanOrEqual(capacities.get(key) as number)
  const busy = [...world.inFlight].filter(({ locks }) => locks.some(({ key }) => key.startsWith('node ')))
  const nodes = busy.map(({ nodeRole }) => nodeRole.split('/')[1])
  expect(new Set(nodes).size).toBe(nodes.length)
}

function expectReasons({ world, now }: Heart): void {
  for (const nodeRole of world.nodeRoles.values()) {
    const { state, reason } = judge(world, nodeRole)
    meet(reason.kind === 'waits' ? `waits for ${reason.wait.kind}` : reason.kind)
    if (reason.kind === 'inputUnbound') meet(`unbound: ${reason.unbound.kind}`)
    expect(reasonWords(nodeRole.id, reason, now).says.length).toBeGreaterThan(5)
    expect(nodeRole.state).toBe(state)
  }
}

/** By a way of its own: a world made anew, after the turn. Claims change no value, so the bindings must be the same. */
function expectRightStart(world: World, event: Extract<Event, { kind: 'runStarted' }>): void {
  const nodeRole = world.nodeRoles.get(event.nodeRole) as NodeRole
  if (event.action === 'remove') return expect(nodeRole.leaving).toBe(true)
  const fresh = bindingOf(restored(world).nodeRoles.get(event.nodeRole) as NodeRole)
  expect({ digest: event.digest, inputs: event.inputs }).toEqual({
    digest: fresh.digest,
    inputs: fresh.inputs,
  })
  for (const { role, of } of nodeRole.group.role.requires) {
    const there = requiredBy(world, nodeRole, role, of)
    expect(there.length, `${event.nodeRole} requires ${role}`).toBeGreaterThan(0)
    for (const one of there) expect(one.state, `${event.nodeRole} requires ${one.id}`).toBe('active')
  }
}

/** As DESIGN says it and not as the graph does: same node or whole group, in the nearest deployment that has it. */
function requiredBy(world: World, nodeRole: NodeRole, role: string, of: string): NodeRole[] {
  const all = sorted([...world.nodeRoles.values()]).filter(
    (one) => !one.leaving && (one.group.role.name === role || one.group.role.provides.includes(role)),
  )
  for (let at: string | undefined = nodeRole.deployment; at; at = world.target?.deployments[at]?.parent) {
    const own = all.filter((one) => one.deployment === at)
    const exact = own.filter((one) => one.group.role.name === role)
    for (const found of [exact, own]) {
      const wide = of === 'deployment' || nodeRole.nodeName === '-' || found[0]?.nodeName === '-'
      const meant = wide ? found : found.filter((one) => one.nodeName === nodeRole.nodeName)
      if (meant.length > 0) return meant
    }
  }
  return []
}

function expectOneReportEach({ recorded }: Heart): void {
  const ended = recorded.flatMap(({ event }) =>
    event.kind === 'runFinished' || event.kind === 'runLost' ? [event.run] : [],
  )
  expect(new Set(ended).size).toBe(ended.length)
}

function expectSameAgain(told: { now: number; commands: Command[]; events: Event[] }[]): void {
  const again = newHeart(language)
  for (const { now, commands, events } of told) {
    again.now = now
    if (commands.some((command) => command.kind === 'startSession')) restart(again)
    const made = tell(again, ...commands)
    expect(canonical(made.events as unknown as Json)).toBe(canonical(events as unknown as Json))
  }
}

const TURNS_MOST = 3_000
/** Reasons that only wait for what will come by itself. */
const PASSING = ['turn', 'contact', 'lock', 'upstream', 'backoff', 'dependants', 'stopped']

/** When faults and changes stop, everything comes to rest: active, or with a reason that somebody must see to. */
function driveToRest(heart: Heart): void {
  restart(heart)
  tell(heart, { kind: 'startSession', by: 'ann' })
  for (let turns = 0; ; turns++) {
    expect(turns, 'turns to rest').toBeLessThan(TURNS_MOST)
    const commands = dueCommands(heart)
    if (commands.length === 0) break
    tell(heart, ...commands)
  }
  const { world } = heart
  expect(isAtRest(world)).toBe(true)
  expectSameFromScratch(world)
  for (const nodeRole of world.nodeRoles.values()) {
    const { state, reason } = judge(world, nodeRole)
    if (state === 'active') continue
    const kind = reason.kind === 'waits' ? reason.wait.kind : reason.kind
    // Removal goes on when what stands in its way is seen to.
    const passing = PASSING.includes(kind) && !(nodeRole.leaving && kind === 'dependants')
    expect(passing, `${nodeRole.id} ${state}: ${kind}`).toBe(false)
    expect(['transition', 'proposed']).not.toContain(state)
  }
}

function dueCommands(heart: Heart): Command[] {
  const { runs, contacts, wakeAt } = whatIsDue(heart.world)
  const commands: Command[] = [...runs].map((record) => report(record, okWith({ late: saysOf(record) })))
  commands.push(...contacts.map(({ name, facts }) => contact(name, facts ?? { a: 1, b: 1 })))
  if (commands.length > 0) return commands
  if (wakeAt === undefined) return []
  heart.now = Math.max(heart.now, wakeAt)
  return [{ kind: 'tick' }]
}

/** The same inputs give the same output; others may give another, so that circles can go round. */
function saysOf({ nodeRole, inputs }: RunRecord): number {
  return Number.parseInt(digestOf({ nodeRole, inputs }).slice(0, 6), 16) % 3
}

/** At rest: time alone, the same site once more, or a run that says what it said before move nothing else. */
function expectQuietWhenNothingChanges(play: Play): void {
  const { heart } = play
  const idle = tell(heart, { kind: 'tick' })
  expect([idle.events.length, idle.visited]).toEqual([0, 0])
  if ([...heart.world.nodeRoles.values()].some((one) => judge(heart.world, one).reason.kind === 'oscillates'))
    return
  const committed = heart.world.revisions.get(heart.world.head)
  if (!committed) return
  const same = tell(heart, ...commandsFor(play, { do: 'commit', change: {} }))
  const wasSame = same.answers.every((one) => one.ok) && isSameTarget(heart.world, committed.target)
  if (wasSame) expect(same.events.filter(({ kind }) => kind === 'runStarted')).toEqual([])
  if (!wasSame) driveToRest(heart)
  for (const nodeRole of sorted([...heart.world.nodeRoles.values()])) {
    if (judge(heart.world, nodeRole).reason.kind !== 'current' || !nodeRole.success) continue
    const asked = tell(heart, { kind: 'retryNodeRole', nodeRole: nodeRole.id, by: 'ann' })
    if (asked.events.length === 1) continue
    const { outputs } = nodeRole.success
    const finished = tell(
      heart,
      ...[...heart.world.inFlight].map((record) => report(record, okWith(outputs))),
    )
    const started = [...asked.events, ...finished.events].filter(({ kind }) => kind === 'runStarted')
    expect(started.map((event) => event.kind === 'runStarted' && event.nodeRole)).toEqual([nodeRole.id])
  }
}

function isSameTarget(world: World, target: unknown): boolean {
  return canonical(world.target as unknown as Json) === canonical(target as Json)
}
