// Makespans: a site from nothing to rest by the real heart, under a clock that jumps, in the order that somebody would take.
import type { NodeRecord, NodeRole, RunRecord, World } from '../../src/annealer/world.ts'
import { newWorld } from '../../src/annealer/world.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import type { Site } from '../../src/model/site.ts'
import { dice, rollNormal } from '../../src/rehearsal/dice.ts'
import { Machines } from '../../src/rehearsal/machines.ts'
import { prepare } from '../../src/rehearsal/prepare.ts'
import { Rehearsal } from '../../src/rehearsal/rehearsal.ts'
import { depthsOf } from './lock-step.ts'

/** `learnt`: from one pass before, with other luck. */
export type Knowledge = 'known' | 'learnt' | 'unknown'
/** `depth`: whose roles rest on the fewest others first, as the ancestor did. */
export type Order = 'rank' | 'depth'

export interface Fleet {
  /** For who reads of it. */
  name?: string
  site: Site
  /** So many, by copies of those that it has. */
  nodes?: number
  /** So many runs at once in all; as many as there are nodes, where nobody says. */
  slots?: number
  seed: number
  /** Deviation of the logarithm of what a run takes from that of its role. */
  noise: number
}

export interface Pass {
  world: World
  runs: RunRecord[]
  tookMs: number
}

const language = makeLanguage()

/** Undefined for a site that is refused. */
export function passOf(fleet: Fleet, knowledge: Knowledge, order: Order): Pass | undefined {
  const past = newWorld(language)
  if (knowledge === 'learnt')
    past.durations = pass(fleet, newWorld(language), 1, 'rank')?.world.durations ?? new Map()
  if (knowledge === 'known')
    for (const role of Object.keys(fleet.site.roles))
      past.durations.set(role, { ms: meanOf(fleet, role), spread: 0 })
  return pass(fleet, past, 0, order)
}

function pass(fleet: Fleet, past: World, luck: number, order: Order): Pass | undefined {
  const site = fleet.slots === undefined ? fleet.site : withSlots(fleet.site, fleet.slots)
  const { nodes, seed } = fleet
  const request = { what: { kind: 'files', site }, afresh: true, seed, fail: 0, dead: 0 } as const
  const prepared = prepare(past, nodes === undefined ? request : { ...request, nodes }, BEGINNING)
  if (!prepared.ok) return undefined
  const world = prepared.value.world()
  const runs: RunRecord[] = []
  const machines = new Timed(prepared.value.ground, fleet, luck)
  const rehearsal = new Rehearsal(world, machines, BEGINNING, ({ events }) => {
    for (const event of events)
      if (event.kind === 'runFinished') runs.push(world.runs.get(event.run) as RunRecord)
  })
  rehearsal.begin(prepared.value.commands(world))
  if (order === 'depth') byDepth(world)
  while (rehearsal.step());
  return { world, runs, tookMs: world.now - BEGINNING }
}

const BEGINNING = Date.UTC(2026, 0, 1)

/** A role takes as long as its name and the seed say, and a run of it so much more or less. */
export function msOf(fleet: Fleet, role: string, nodeRole: string, luck: number): number {
  const noise = fleet.noise * rollNormal(dice(fleet.seed, `${nodeRole} ${luck}`))
  return Math.max(1, Math.round(meanOf(fleet, role) * Math.exp(noise - fleet.noise ** 2 / 2)))
}

const LEAST_MS = 100
const MOST_MS = 20_000

/** Most roles are quick and some take long. */
function meanOf({ seed }: Fleet, role: string): number {
  return Math.round(LEAST_MS * (MOST_MS / LEAST_MS) ** dice(seed, `mean ${role}`).roll())
}

/** What is made up has a name and a certificate that nobody who reads them would take. */
function signed(value: Json, node: string): Json {
  if (Array.isArray(value)) return value.map((item) => signed(item, node))
  if (!isObject(value)) return value
  const own = (key: string, item: Json): Json =>
    key === 'name'
      ? node
      : key === 'certificate' && typeof item === 'string'
        ? CERTIFICATE
        : signed(item, node)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, own(key, item)]))
}

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nbWFkZSB1cA==\n-----END CERTIFICATE-----\n'

/** What it takes to do again what is there already, for more than nothing and less than the first time. */
const AGAIN = 0.1

class Timed extends Machines {
  readonly #fleet: Fleet
  readonly #luck: number

  constructor(ground: ConstructorParameters<typeof Machines>[0], fleet: Fleet, luck: number) {
    super(ground, fleet.seed)
    this.#fleet = fleet
    this.#luck = luck
  }

  override contact(node: NodeRecord): ReturnType<Machines['contact']> {
    return { ...super.contact(node), afterMs: 0 }
  }

  override run(
    world: World,
    record: RunRecord,
    nodeRole: NodeRole,
  ): { afterMs: number; outcome: RunOutcome } {
    const { outcome } = super.run(world, record, nodeRole)
    const first = msOf(this.#fleet, nodeRole.group.role.name, nodeRole.id, this.#luck)
    const durationMs = nodeRole.success ? Math.ceil(first * AGAIN) : first
    if (outcome.result !== 'ok') return { afterMs: durationMs, outcome: { ...outcome, durationMs } }
    const outputs = signed(outcome.outputs, nodeRole.nodeName) as JsonObject
    return { afterMs: durationMs, outcome: { ...outcome, outputs, durationMs } }
  }
}

/** Each run takes one of so many slots: a lock like others. */
function withSlots(site: Site, capacity: number): Site {
  const slot = { of: 'site', name: 'slots', capacity } as const
  const roles = Object.entries(site.roles).map(([name, role]) => [
    name,
    { ...role, locks: [...role.locks, slot] },
  ])
  return { ...site, roles: Object.fromEntries(roles) as Site['roles'] }
}

function byDepth(world: World): void {
  const depths = depthsOf(world.plan)
  for (const group of world.plan.groups.values()) {
    const rank = -(depths.get(group) as number)
    // Whatever the heart would rather have.
    for (const member of group.members.values())
      for (const name of ['rank', 'rankAtFirst'])
        Object.defineProperty(member, name, { get: () => rank, set: () => {} })
  }
}
