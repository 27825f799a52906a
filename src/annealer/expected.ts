// How long a run of a role is expected to take, and how much that varies, learnt from those that succeeded.
import type { RunAction } from '../model/run.ts'
import type { Group } from './graph.ts'
import type { NodeRole, World } from './world.ts'

/** A moving average, and the average distance from it. */
export interface Measured {
  ms: number
  spread: number
}

/** Where nothing was learnt yet. */
export const UNKNOWN_DURATION_MS = 1_000

/** Of a run of each member: as long as a first one, while some of them have not succeeded yet. */
export function expectedMs({ durations }: World): (group: Group) => number {
  return ({ role: { name, apply }, members }) => {
    if (!apply) return 0
    const time = hasNew(members) ? 'first' : 'again'
    return (durations.get(`${name} ${time}`) ?? durations.get(name))?.ms ?? UNKNOWN_DURATION_MS
  }
}

function hasNew(members: Group['members']): boolean {
  for (const member of members.values()) if (timeOf(member) === 'first') return true
  return false
}

/**
 * No name of a role has a space: under `NAME` is what its `apply` takes, under `NAME first` and `NAME again` what it takes
 * where it has nothing to build on (packages are fetched, data is moved), and where it has succeeded before.
 */
export function measuredOf(
  durations: ReadonlyMap<string, Measured>,
  nodeRole: NodeRole,
  action: RunAction,
): Measured | undefined {
  const { name } = nodeRole.group.role
  if (action !== 'apply') return durations.get(`${name} ${action}`)
  return durations.get(`${name} ${timeOf(nodeRole)}`) ?? durations.get(name)
}

export function timeOf({ hasSucceeded, rinse }: NodeRole): 'first' | 'again' {
  return hasSucceeded && !rinse ? 'again' : 'first'
}

/** What it takes to reach a node for the first time in a session. */
export const CONTACT = 'contact of a node'

/** Call it before the success is written: it tells a first one from others. */
export function learnDuration(world: World, nodeRole: NodeRole, action: RunAction, durationMs: number): void {
  const { name } = nodeRole.group.role
  if (action !== 'apply') return learn(world, `${name} ${action}`, durationMs)
  learn(world, name, durationMs)
  learn(world, `${name} ${timeOf(nodeRole)}`, durationMs)
}

export function learnContact(world: World, durationMs: number): void {
  learn(world, CONTACT, durationMs)
}

/** New measurements weigh a third. The first one is taken to be off by half, as in RFC 6298. */
function learn(world: World, what: string, ms: number): void {
  const before = world.durations.get(what)
  const measured: Measured = before
    ? {
        ms: Math.round((2 * before.ms + ms) / 3),
        spread: Math.round((2 * before.spread + Math.abs(ms - before.ms)) / 3),
      }
    : { ms, spread: Math.round(ms / 2) }
  world.durations.set(what, measured)
}
