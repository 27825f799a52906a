// Laws of the heart: what must hold for all sites and all histories. A failure prints the seed and the smallest story
// found; ANNEAL_SEED repeats a run, ANNEAL_RUNS makes it longer.
import { seedOr } from '../support/seed.ts'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { canonical } from '../../src/base/canonical.ts'
import { digestOf } from '../../src/base/digest.ts'
import type { Json } from '../../src/base/json.ts'
import { inputsOfSuccess } from '../../src/annealer/asleep.ts'
import { bindingOf } from '../../src/annealer/bind.ts'
import { isAtRest, mayWork, whatIsDue } from '../../src/annealer/due.ts'
import { diffTarget } from '../../src/annealer/diff.ts'
import type { Group } from '../../src/annealer/graph.ts'
import { judge } from '../../src/annealer/judge.ts'
import { isToBeRemoved } from '../../src/annealer/removal.ts'
import { isThere, nodeRolesIn } from '../../src/annealer/targets.ts'
import type { Turn } from '../../src/annealer/turn.ts'
import { turn } from '../../src/annealer/turn.ts'
import type { NodeRole, RunRecord, World } from '../../src/annealer/world.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Command } from '../../src/model/command.ts'
import type { Event } from '../../src/model/event.ts'
import { NO_NODE, nodeRoleName } from '../../src/model/names.ts'
import type { Role } from '../../src/model/role.ts'
import { type Scope, scopeName } from '../../src/model/scope.ts'
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
import { RinseBook } from '../support/rinses.ts'
import {
  anyStep,
  commandsFor,
  contact,
  okWith,
  type Play,
  report,
  reportCheck,
  sorted,
} from './random-history.ts'
import { anySite } from './random-site.ts'

const seed = seedOr(20_261_125)
const asked = process.env['ANNEAL_RUNS']
const numRuns = Number(asked ?? 150)
/** Who asks for a number gets all of them. */
const limits = asked === undefined ? { interruptAfterTimeLimit: 32_000 } : {}
/** As a failure prints it: tells that one story again. */
const path = process.env['ANNEAL_PATH']
/** `no` where it is enough to know that a law is broken. */
const shrinks = process.env['ANNEAL_SHRINK'] !== 'no'
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

interface Told {
  now: number
  commands: Command[]
  made: Turn
}

test('all laws hold along any history', { timeout: asked === undefined ? 300_000 : 0 }, () => {
  fc.assert(
    fc.property(anySite, anyHistory, (site, history) => {
      const play: Play = { heart: newHeart(language), short: site }
      const told: Told[] = []
      const go = (commands: Command[]): void => {
        const made = tell(play.heart, ...commands)
        told.push({ now: play.heart.now, commands, made })
        expectLaws(play.heart, made)
      }
      go([{ kind: 'startSession', by: 'ann' }])
      go(commandsFor(play, { do: 'commit', change: {} }))
      for (const steps of history) {
        if (steps.some((step) => step.do === 'restart')) restart(play.heart)
        go(steps.flatMap((step) => commandsFor(play, step)))
      }
      expectOneReportEach(told)
      expectRinsedWhole(told)
      expectSameAfterReplay(play.heart)
      expectSameAgain(told)
      driveToRest(play.heart)
      expectCyclesCounted(play.heart)
      expectSameAfterReplay(play.heart)
      expectQuietWhenNothingChanges(play)
    }),
    {
      seed,
      numRuns,
      ...limits,
      ...(path === undefined ? {} : { path }),
      endOnFailure: path !== undefined || !shrinks,
    },
  )
})

function expectLaws(heart: Heart, made: Turn): void {
  const { world } = heart
  expectNothingForgotten(heart, expectSameFromScratch(world))
  expectLocksKept(world)
  for (const { run, session } of world.inFlight)
    expect(session, `${run} is of this session`).toBe(world.session)
  expectReasons(heart)
  expectHoldsKept(heart, made)
  expectCycle(world)
  for (const event of made.events) {
    meet(event.kind)
    if (event.kind === 'checkStarted') expectRightCheck(world, event)
    if (event.kind !== 'runStarted') continue
    meet(`${event.action} because ${event.cause.kind}`)
    expectRightStart(world, event)
  }
  for (const given of made.answers) if (!given.ok) meet(`refused: ${given.refusal.code}`)
}

/** A world made anew finds nothing to start and nobody to reach that the live one has not found. */
function expectNothingForgotten({ world, now }: Heart, scratch: World): void {
  expect(isAtRest(scratch), 'who comes later sees it rest').toBe(isAtRest(world))
  const live = new Set(whatIsDue(world).contacts.map(({ name }) => name))
  const { wakeAt = Infinity } = whatIsDue(world)
  for (const node of whatIsDue(scratch).contacts) {
    const awaited = [...node.nodeRoles].some((one) => isWaiting(scratch, one, 'contact'))
    if (!node.alive || awaited) expect([...live]).toContain(node.name)
  }
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

/** By what the roles say that were in force when the runs started, not by the heart's own book of locks. */
function expectLocksKept(world: World): void {
  for (const node of world.checking)
    for (const { flight, id } of node.nodeRoles) expect(flight, `${id} runs under a check`).toBeUndefined()
  const held = new Map<string, number[]>()
  for (const { nodeRole: id, roleDigest } of world.inFlight) {
    const { deployment, node, role: name } = nodeRoleName(id)
    const known = [...world.revisions.values()].map(({ target }) => target.roles[name])
    const role = known.find((one) => one?.digest === roleDigest) as Role
    const keys: [string, number][] = role.locks.map((lock) => {
      const where = lock.of === 'node' ? node : lock.of === 'deployment' ? deployment : ''
      return [`${lock.name} of ${lock.of} ${where}`, lock.capacity]
    })
    if (!role.parallel && node !== NO_NODE) keys.push([`node ${node}`, 1])
    for (const [key, capacity] of keys) held.set(key, [...(held.get(key) ?? []), capacity])
  }
  for (const [key, capacities] of held)
    expect(capacities.length, key).toBeLessThanOrEqual(Math.min(...capacities))
}

/** Alone on its node, and of what stands there as its last success left it. */
function expectRightCheck(world: World, { node, nodeRoles }: Extract<Event, { kind: 'checkStarted' }>): void {
  const here = [...world.inFlight].filter(({ nodeRole }) => nodeRoleName(nodeRole).node === node)
  expect(here, `nothing runs on ${node} while it is looked at`).toEqual([])
  for (const id of nodeRoles) {
    const { success, digest, group } = world.nodeRoles.get(id) as NodeRole
    expect(success?.roleDigest, id).toBe(group.role.digest)
    if (digest !== undefined) expect(success?.digest, id).toBe(digest)
    expect([group.role.check === undefined, group.drift.policy], id).not.toContain('off')
  }
}

/** Nothing starts that is held, or that the session is not for; what is held is there. */
function expectHoldsKept({ world }: Heart, made: Turn): void {
  for (const { scope } of world.holds.values()) expect(isThere(world, scope), scopeName(scope)).toBe(true)
  const held = new Set([...world.holds.values()].flatMap(({ scope }) => idsIn(world, scope)))
  const chosen = world.chosen && new Set(world.chosen.only.flatMap((scope) => idsIn(world, scope)))
  for (const event of made.events) {
    if (event.kind !== 'runStarted') continue
    expect(held.has(event.nodeRole), `${event.nodeRole} is held`).toBe(false)
    if (chosen) expect(chosen.has(event.nodeRole), `the session is for ${event.nodeRole}`).toBe(true)
  }
}

function idsIn(world: World, scope: Scope): string[] {
  return [...nodeRolesIn(world, scope)].map(({ id }) => id)
}

/** A cycle goes on exactly while something moves; that a node is known to be dead moves nothing. */
function expectCycle(world: World): void {
  const goesOn = world.cycles.at(-1)?.result === undefined && world.cycles.length > 0
  if (isAtRest(world)) expect(goesOn).toBe(false)
  if (mayWork(world)) expect(goesOn).toBe(true)
}

/** As the events tell it, not as the heart counts. */
function expectCyclesCounted({ recorded, world }: Heart): void {
  const counted: { runs: number; ended: boolean }[] = []
  for (const { event } of recorded) {
    const last = counted.at(-1)
    if (event.kind === 'cycleBegan') {
      expect(last?.ended ?? true, 'one cycle at a time').toBe(true)
      expect(event.cycle).toBe(counted.length + 1)
      counted.push({ runs: 0, ended: false })
    } else if (event.kind === 'runStarted') {
      expect(last?.ended, `${event.run} is of a cycle`).toBe(false)
      if (last) last.runs++
    } else if (event.kind === 'runFinished' || event.kind === 'runLost') {
      expect(last?.ended, `${event.run} ends in its cycle`).toBe(false)
    } else if (event.kind === 'cycleEnded' && last) last.ended = true
  }
  expect(world.cycles.map(({ runs }) => runs)).toEqual(counted.map(({ runs }) => runs))
  for (const { temperatures, runs, reruns, retries, nodes } of world.cycles) {
    expect(temperatures.length).toBeLessThan(400)
    expect(reruns + retries).toBeLessThanOrEqual(runs)
    expect(nodes).toBeLessThanOrEqual(runs)
  }
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
  if (event.action === 'remove') {
    expect(isToBeRemoved(nodeRole)).toBe(true)
    // What is undone is what was done, whatever would be bound today.
    if (nodeRole.success) expect(event.inputs).toEqual(inputsOfSuccess(nodeRole))
    for (const other of world.nodeRoles.values())
      expect(mustGoBefore(other, nodeRole), `${nodeRole.id} is removed, and ${other.id} is there`).toBe(false)
    return
  }
  const rival = sorted([...world.nodeRoles.values()]).find((other) => areRivals(other, nodeRole))
  expect(rival?.id, `${event.nodeRole} is applied beside what it conflicts with`).toBeUndefined()
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

function areRivals(other: NodeRole, one: NodeRole): boolean {
  if (!other.leaving || other.nodeName !== one.nodeName || one.nodeName === NO_NODE) return false
  const [a, b] = [other.group.role, one.group.role]
  return (
    a.conflicts.some((name) => [b.name, ...b.provides].includes(name)) ||
    b.conflicts.some((name) => [a.name, ...a.provides].includes(name))
  )
}

/** As DESIGN says it: what is also to be removed and was placed as this one was, and rests on it. */
function mustGoBefore(other: NodeRole, one: NodeRole): boolean {
  if (!isToBeRemoved(other) || other === one || other.revision > one.revision) return false
  if (other.deployment !== one.deployment) return false
  const { name, outputs } = one.group.role
  const isHere = other.nodeName === one.nodeName
  return (
    other.group.role.requires.some(({ role, of }) => role === name && (isHere || of === 'deployment')) ||
    Object.values(other.group.role.inputs).some(({ source }) => {
      if (source?.kind !== 'output' || source.role !== name || source.wait === 'known') return false
      const isLate = outputs[source.output] && outputs[source.output]?.value === undefined
      return isLate && source.wait !== 0 && other.group !== one.group && (isHere || source.take !== 'one')
    })
  )
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

/** A run ends once, by who was given its token, and by nobody when it was never started. */
function expectOneReportEach(told: readonly Told[]): void {
  const open = new Map<string, number>()
  for (const { commands, made } of told) {
    for (const [index, given] of made.answers.entries()) {
      const command = commands[index] as Command
      const isReport = command.kind === 'reportRun'
      if (isReport) expect(given.ok, command.run).toBe(open.get(command.run) === command.token)
      for (const event of given.ok ? given.value : []) {
        if (event.kind !== 'runFinished' && event.kind !== 'runLost') continue
        expect(open.delete(event.run), `${event.run} was in flight`).toBe(true)
      }
    }
    for (const event of made.events) if (event.kind === 'runStarted') open.set(event.run, event.token)
  }
}

function expectRinsedWhole(told: readonly Told[]): void {
  const book = new RinseBook()
  for (const event of told.flatMap(({ made }) => made.events)) expect(book.hear(event)).toBeUndefined()
}

function expectSameAgain(told: readonly Told[]): void {
  const again = newHeart(language)
  for (const { now, commands, made: before } of told) {
    again.now = now
    if (commands.some((command) => command.kind === 'startSession')) restart(again)
    const made = tell(again, ...commands)
    expect(canonical(made.events as unknown as Json)).toBe(canonical(before.events as unknown as Json))
  }
}

const TURNS_MOST = 3_000
/** Reasons that only wait for what will come by itself. */
const PASSING = ['turn', 'contact', 'lock', 'upstream', 'backoff', 'dependants', 'stopped']

/** When faults and changes stop, everything comes to rest: active, or with a reason that somebody must see to. */
function driveToRest(heart: Heart): void {
  restart(heart)
  const started = tell(heart, { kind: 'startSession', by: 'ann' }).events
  const foretold = foretoldBy(heart.world)
  for (let turns = 0; ; turns++) {
    expect(turns, 'turns to rest').toBeLessThan(TURNS_MOST)
    const commands = dueCommands(heart)
    if (commands.length === 0) break
    started.push(...tell(heart, ...commands).events)
  }
  const { world } = heart
  for (const event of started) {
    if (event.kind !== 'runStarted') continue
    expect([...foretold], 'who runs was to run, or might have followed').toContain(event.nodeRole)
  }
  expect(isAtRest(world)).toBe(true)
  expectSameFromScratch(world)
  for (const nodeRole of world.nodeRoles.values()) {
    const { state, reason } = judge(world, nodeRole)
    if (state === 'active') {
      if (reason.kind === 'current' && nodeRole.group.role.apply)
        expect(inputsOfSuccess(nodeRole), nodeRole.id).toEqual(bindingOf(nodeRole).inputs)
      continue
    }
    const kind = reason.kind === 'waits' ? reason.wait.kind : reason.kind
    // Removal goes on when what stands in its way is seen to.
    const passing = PASSING.includes(kind) && !(isToBeRemoved(nodeRole) && kind === 'dependants')
    expect(passing, `${nodeRole.id} ${state}: ${kind}`).toBe(false)
    expect(['transition', 'proposed']).not.toContain(state)
  }
}

/** All that a difference says may run, when nothing comes from outside but the first facts of nodes. */
function foretoldBy(world: World): Set<string> {
  if (!world.target) return new Set()
  const { changes, mayFollow } = diffTarget(world, world.target)
  if (mayFollow.length > 0) meet('may follow')
  return new Set([...changes, ...mayFollow].map(({ nodeRole }) => nodeRole))
}

function dueCommands(heart: Heart): Command[] {
  const { runs, checks, contacts, wakeAt } = whatIsDue(heart.world)
  const commands: Command[] = [...runs].map((record) => report(record, okWith({ late: saysOf(record) })))
  commands.push(...contacts.map(({ name, facts }) => contact(name, facts ?? { a: 1, b: 1 })))
  for (const node of checks) commands.push(...reportCheck(node, () => 'asAsked'))
  if (commands.length > 0) return commands
  if (wakeAt === undefined) return []
  heart.now = Math.max(heart.now, wakeAt)
  return [{ kind: 'tick' }]
}

/** The same inputs give the same output; others may give another, so that circles can go round. */
function saysOf({ nodeRole, inputs }: RunRecord): number {
  return Number.parseInt(digestOf({ nodeRole, inputs }).slice(0, 6), 16) % 3
}

/**
 * At rest: time alone, the same site once more, or a run that says what it said before move nothing else. Circles that were
 * stopped are tried again by a commit, and by runs of those that they read.
 */
function expectQuietWhenNothingChanges(play: Play): void {
  const { heart } = play
  const idle = tell(heart, { kind: 'tick' })
  expect([idle.events.length, idle.visited]).toEqual([0, 0])
  const stopped = (): Group[] =>
    [...heart.world.nodeRoles.values()].flatMap((one) =>
      judge(heart.world, one).reason.kind === 'oscillates' ? [one.group] : [],
    )
  const committed = heart.world.revisions.get(heart.world.head)
  if (!committed) return
  if (stopped().length === 0) {
    const same = tell(heart, ...commandsFor(play, { do: 'commit', change: {} }))
    const wasSame = same.answers.every((one) => one.ok) && isSameTarget(heart.world, committed.target)
    if (wasSame) expect(same.events.filter(({ kind }) => kind === 'runStarted')).toEqual([])
    if (!wasSame) driveToRest(heart)
  }
  for (const nodeRole of sorted([...heart.world.nodeRoles.values()])) {
    if (judge(heart.world, nodeRole).reason.kind !== 'current' || !nodeRole.success) continue
    const reached = withReaders(nodeRole.group)
    if (stopped().some((group) => reached.has(group))) continue
    const asked = tell(heart, { kind: 'retryNodeRole', nodeRole: nodeRole.id, by: 'ann' })
    if (!asked.events.some(({ kind }) => kind === 'runStarted')) continue
    const { outputs } = nodeRole.success
    const finished = tell(
      heart,
      ...[...heart.world.inFlight].map((record) => report(record, okWith(outputs))),
    )
    const started = [...asked.events, ...finished.events].filter(({ kind }) => kind === 'runStarted')
    expect(started.map((event) => event.kind === 'runStarted' && event.nodeRole)).toEqual([nodeRole.id])
  }
}

function withReaders(group: Group): Set<Group> {
  const reached = new Set([group])
  for (const each of reached) for (const { reader } of each.readers) reached.add(reader)
  return reached
}

function isSameTarget(world: World, target: unknown): boolean {
  return canonical(world.target as unknown as Json) === canonical(target as Json)
}
