// Cycles: when one begins and ends, and what is counted on its way. That it did is an event, so that every replay agrees.
import { canonical } from '../base/canonical.ts'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { assert } from '../base/assert.ts'
import type { CycleCause, CycleCounts, CycleResult } from '../model/cycle.ts'
import type { Event } from '../model/event.ts'
import { isAtRest, mayWork } from './due.ts'
import { findNodeRole, type World } from './world.ts'

export interface CycleRecord extends CycleCounts {
  cycle: number
  cause: CycleCause
  revision: number
  beganAt: number
  endedAt?: number
  result?: CycleResult
  /** Runs that had been started before it: its own are those that follow. */
  runsBefore: number
  temperatures: [number, number][]
}

/** What happened since rest was called that may turn out to be the beginning of a cycle; of one turn only. */
export interface Stir {
  cause: CycleCause | undefined
  touches: number
  facts: number
}

const CYCLES_KEPT = 1_000

export function openCycle(world: World): CycleRecord | undefined {
  const last = world.cycles.at(-1)
  return last && last.endedAt === undefined ? last : undefined
}

/** Ask it before anything is claimed: what the turn will start is of the cycle. */
export function beginning(world: World): Event | undefined {
  if (openCycle(world)) return undefined
  const { cause = { kind: 'time' }, touches, facts } = world.stir
  // To look again at a node that is known to be dead disturbs nothing; that one was lost does.
  const begins = cause.kind === 'nodeLost' ? isLostNow(world, cause.node) || !isAtRest(world) : mayWork(world)
  if (!begins) return undefined
  const cycle = (world.cycles.at(-1)?.cycle ?? 0) + 1
  return { kind: 'cycleBegan', cycle, cause, touches, facts, temperature: temperatureNow(world) }
}

/** It answered until now, or was never tried. */
function isLostNow(world: World, name: string): boolean {
  const node = world.nodes.get(name)
  return node?.alive === false && node.since === world.now
}

/** Ask it when nothing more is claimed: the end of the cycle, or how warm it is by now. */
export function cooling(world: World): Event | undefined {
  const open = openCycle(world)
  if (!open) return undefined
  const temperature = temperatureNow(world)
  if (isAtRest(world)) return { kind: 'cycleEnded', cycle: open.cycle, result: resultNow(world), temperature }
  const [, last] = open.temperatures.at(-1) as [number, number]
  return Math.abs(temperature - last) >= stepOf(open)
    ? { kind: 'temperatureChanged', temperature }
    : undefined
}

/** The share of node-roles that are not active. */
function temperatureNow(world: World): number {
  const total = world.nodeRoles.size
  return total === 0 ? 0 : Math.round(((total - world.counts.active) / total) * 10_000) / 10_000
}

const STEP = 0.02
const POINTS_PER_STEP = 50

/** Doubles with each 50 points, so that a cycle that goes up and down for ever has a few hundred. */
function stepOf({ temperatures }: CycleRecord): number {
  return STEP * 2 ** Math.floor(temperatures.length / POINTS_PER_STEP)
}

function resultNow({ counts, nodeRoles, stoppedBy }: World): CycleResult {
  if (counts.active === nodeRoles.size) return 'ready'
  if (stoppedBy !== undefined) return 'stopped'
  return counts.error + counts.blocked > 0 ? 'problems' : 'waits'
}

export function beginCycle(world: World, event: Extract<Event, { kind: 'cycleBegan' }>): void {
  const { cycle, cause, touches, facts, temperature } = event
  world.cycles.push({
    cycle,
    cause,
    revision: world.head,
    beganAt: world.now,
    runsBefore: world.runsStarted,
    runs: 0,
    reruns: 0,
    retries: 0,
    failed: 0,
    nodes: 0,
    touches,
    facts,
    temperatures: [[0, temperature]],
  })
  if (world.cycles.length > CYCLES_KEPT) world.cycles.shift()
}

export function noteTemperature(world: World, temperature: number): void {
  const open = openCycle(world)
  assert(open, 'a temperature is told of no cycle')
  open.temperatures.push([world.now - open.beganAt, temperature])
}

export function endCycle(world: World, event: Extract<Event, { kind: 'cycleEnded' }>): void {
  noteTemperature(world, event.temperature)
  const open = openCycle(world)
  assert(open?.cycle === event.cycle, `cycle ${event.cycle} ends and is not the one that goes on`)
  open.endedAt = world.now
  open.result = event.result
}

/** Call it before the event is written: what is told is compared with what was. */
export function countEvent(world: World, event: Event): void {
  const cause = disturbanceIn(world, event)
  if (cause) world.stir.cause = stronger(world.stir.cause, cause)
  switch (event.kind) {
    case 'sessionStarted':
      return touchedBy(world, event.kind, event.by)
    case 'revisionCommitted':
      return touchedBy(world, event.kind, event.author)
    case 'rerunAsked':
    case 'rinseAsked':
    case 'rinseCancelled':
    case 'availabilityChanged':
    case 'nodeForgotten':
    case 'held':
    case 'released':
    case 'stepApproved':
    case 'failuresAllowed':
    case 'runCancelAsked':
    case 'claimingStopped':
      return touchedBy(world, event.kind, event.by)
    case 'factsChanged': {
      const learnt = factsLearnt(world.nodes.get(event.node)?.facts, event.facts)
      const tally = openCycle(world) ?? world.stir
      tally.facts += learnt
      return
    }
    case 'runStarted':
      return countStart(world, event)
    case 'runFinished': {
      const { result } = event.outcome
      // A check that says no has done what it is for.
      const isNo = result === 'failed' && world.runs.get(event.run)?.action === 'check'
      if (result !== 'ok' && !isNo) countFailed(world)
      return
    }
    case 'runLost':
      return countFailed(world)
    default:
      return
  }
}

/** Undefined: nothing that could end a rest. */
function disturbanceIn(world: World, event: Event): CycleCause | undefined {
  switch (event.kind) {
    case 'sessionStarted':
      return { kind: 'session', by: event.by }
    case 'revisionCommitted':
      return { kind: 'commit', revision: event.revision, by: event.author }
    case 'rerunAsked': {
      const { nodeRole, by, why } = event
      return { kind: 'asked', nodeRole, by, ...(why === undefined ? {} : { why }) }
    }
    case 'rinseAsked': {
      const { nodeRoles, by, why } = event
      const [first = ''] = nodeRoles
      return { kind: 'rinse', first, others: nodeRoles.length - 1, by, ...(why === undefined ? {} : { why }) }
    }
    case 'rinseCancelled': {
      const { rinse, by, why } = event
      return { kind: 'rinseCancelled', rinse, by, ...(why === undefined ? {} : { why }) }
    }
    case 'released': {
      const { scope, by, why } = event
      return { kind: 'released', scope, by, ...(why === undefined ? {} : { why }) }
    }
    case 'stepApproved':
    case 'failuresAllowed': {
      const { group, by, why } = event
      return { kind: 'approved', group, by, ...(why === undefined ? {} : { why }) }
    }
    case 'availabilityChanged': {
      const { node, available, by, why } = event
      return { kind: 'availability', node, available, by, ...(why === undefined ? {} : { why }) }
    }
    case 'nodeForgotten':
      return { kind: 'forgotten', node: event.node, by: event.by }
    case 'factsChanged':
    case 'nodeReached': {
      const { node } = event
      if (!world.nodes.get(node)?.alive) return { kind: 'nodeReturned', node }
      return event.kind === 'factsChanged' ? { kind: 'facts', node } : undefined
    }
    case 'checkFinished': {
      const [first, ...others] = event.findings.filter(({ found }) => found === 'drifted')
      return first && { kind: 'drift', nodeRole: first.nodeRole, others: others.length }
    }
    case 'nodeLost':
      return world.nodes.get(event.node)?.alive ? { kind: 'nodeLost', node: event.node } : undefined
    default:
      return undefined
  }
}

/** Of several things in one turn the first, except that a session is only where others happen. */
function stronger(before: CycleCause | undefined, cause: CycleCause): CycleCause {
  return before === undefined || before.kind === 'session' ? cause : before
}

/** What one person asks in one go arrives as several commands. */
const ONE_GO_MS = 1_000

function touchedBy(world: World, kind: string, by: string): void {
  const { lastTouch: last, now: at } = world
  const what = `${kind} ${by}`
  world.lastTouch = { what, at }
  const open = openCycle(world)
  if (!open) world.stir.touches = 1
  else if (last?.what !== what || at - last.at > ONE_GO_MS) open.touches++
}

function countStart(world: World, event: Extract<Event, { kind: 'runStarted' }>): void {
  const open = openCycle(world)
  const nodeRole = findNodeRole(world, event.nodeRole)
  if (!open || !nodeRole) return
  open.runs++
  if (event.attempt > 1 || event.cause.kind === 'retry' || event.cause.kind === 'lost') open.retries++
  else if (ranBefore(world, open, event, nodeRole.lastRun)) open.reruns++
  const { node } = nodeRole
  if (!node || node.ranIn === open.cycle) return
  node.ranIn = open.cycle
  open.nodes++
}

/** An apply that follows a check is the first. */
function ranBefore(
  world: World,
  { runsBefore }: CycleRecord,
  { action }: Extract<Event, { kind: 'runStarted' }>,
  last: string | undefined,
): boolean {
  if (last === undefined || runNumber(last) <= runsBefore) return false
  return (world.runs.get(last)?.action ?? action) === action
}

/** `run-7` is the seventh. */
export function runNumber(run: string): number {
  return Number(run.slice('run-'.length))
}

function countFailed(world: World): void {
  const open = openCycle(world)
  if (open) open.failed++
}

/** How many leaves differ. */
function factsLearnt(before: Json | undefined, after: JsonObject): number {
  let count = 0
  const compare = (was: Json | undefined, is: Json | undefined): void => {
    if (isObject(is)) {
      const known = isObject(was) ? was : {}
      for (const key of new Set([...Object.keys(known), ...Object.keys(is)]))
        compare(own(known, key), own(is, key))
      return
    }
    if (was === undefined || is === undefined || canonical(was) !== canonical(is)) count++
  }
  compare(before, after)
  return count
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
