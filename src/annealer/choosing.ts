// Choosing: which of the selected nodes are taken where only so many are asked for. Who was chosen stays chosen.
import { canonical } from '../base/canonical.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Expression, Language } from '../model/language.ts'
import type { Choice, Target } from '../model/site.ts'
import type { ShortPlacement } from '../model/view.ts'
import type { Fleet } from './fleet.ts'
import type { World } from './world.ts'

/** What an expression over nodes may read. */
export type NodeScope = (node: string) => JsonObject

/** Better ones first. A node that cannot be worked on keeps what it carries only while nobody else could take it over. */
const CLASSES = ['carrier', 'fit', 'carrier out of reach', 'dead'] as const
type Class = (typeof CLASSES)[number]

export interface Chooser {
  /** Those who carry it and may go on, at most `count`; the others are for a second look. */
  keep(may: (node: string) => boolean): void
  /** Makes up the number from all who may. */
  fill(may: (node: string) => boolean): void
  /** By name. */
  readonly chosen: readonly string[]
  readonly readsFacts: boolean
}

interface Candidate {
  node: string
  class: Class
  merits: number[]
  bucket: string
  /** What it would be held against is not known before it is reached. */
  unknown: boolean
}

/** In two steps, so that who was chosen before has the first word also against other choices. */
export function chooserOf(
  deployment: string,
  choice: Choice,
  selected: readonly string[],
  carriers: readonly string[],
  language: Language,
  scope: NodeScope,
  fleet: Fleet,
): Chooser {
  const carrying = new Set(carriers)
  const prefer = choice.prefer.map((source) => language.expression(source))
  const spread = choice.spread === undefined ? undefined : language.expression(choice.spread)
  const asksFacts = [...prefer, ...(spread ? [spread] : [])].some(readsFacts)
  const candidates = selected.flatMap((node): Candidate[] => {
    const rank = classOf(fleet.fitness(node, deployment), carrying.has(node))
    if (rank === undefined) return []
    const reads = scope(node)
    const told = spread?.evaluate(reads)
    return [
      {
        node,
        class: rank,
        merits: prefer.map((expression) => meritOf(expression.evaluate(reads))),
        bucket: told?.ok === true ? canonical(told.value) : '',
        unknown: asksFacts && fleet.facts(node) === undefined,
      },
    ]
  })
  candidates.sort(better)
  const chosen: Candidate[] = []
  const crowds = new Map<string, number>()
  return {
    keep: (may) => takeFrom(may, 'carrier'),
    fill(may) {
      takeFrom(may, 'carrier')
      // Who is chosen stays, so nobody is chosen before all can be compared; a first look at each is under way.
      if (candidates.some((one) => one.class === 'fit' && one.unknown && may(one.node))) return
      for (const rank of CLASSES) takeFrom(may, rank)
    },
    readsFacts: asksFacts,
    get chosen() {
      return chosen.map(({ node }) => node).sort()
    },
  }

  function takeFrom(may: (node: string) => boolean, rank: Class): void {
    const open = candidates.filter((one) => one.class === rank && !chosen.includes(one) && may(one.node))
    while (chosen.length < choice.count && open.length > 0) {
      const fewest = Math.min(...open.map(crowdOf))
      const at = open.findIndex((one) => crowdOf(one) === fewest)
      const [taken] = open.splice(at, 1) as [Candidate]
      chosen.push(taken)
      crowds.set(taken.bucket, fewest + 1)
    }
  }

  function crowdOf({ bucket }: Candidate): number {
    return spread === undefined ? 0 : (crowds.get(bucket) ?? 0)
  }
}

function classOf(fitness: ReturnType<Fleet['fitness']>, carries: boolean): Class | undefined {
  switch (fitness) {
    case 'fit':
      return carries ? 'carrier' : 'fit'
    case 'dead':
      return carries ? 'carrier' : 'dead'
    case 'lost':
      return carries ? 'carrier out of reach' : 'dead'
    case 'unavailable':
      return carries ? 'carrier out of reach' : undefined
  }
}

/** What tells nothing (a fact that is absent, a text) stands behind all that does. */
function meritOf(told: { ok: true; value: Json } | { ok: false }): number {
  if (!told.ok) return Number.NEGATIVE_INFINITY
  if (typeof told.value === 'boolean') return told.value ? 1 : 0
  return typeof told.value === 'number' ? told.value : Number.NEGATIVE_INFINITY
}

function better(a: Candidate, b: Candidate): number {
  for (const [index, merit] of a.merits.entries()) {
    const other = b.merits[index] as number
    if (merit !== other) return merit > other ? -1 : 1
  }
  return a.node < b.node ? -1 : 1
}

export function readsFacts({ reads }: Expression): boolean {
  return reads.some(([variable, key]) => variable === 'node' && (key === undefined || key === 'facts'))
}

/** What is placed on fewer nodes than were asked for. */
export function shortIn(target: Target | undefined, world: World): ShortPlacement[] {
  const awaits = (target?.undecided ?? []).filter((node) => world.nodes.get(node)?.facts === undefined).length
  const lacking = lackingOf(awaits)
  return Object.entries(target?.deployments ?? {}).flatMap(([deployment, { members, count, placements }]) => [
    ...lacking({ deployment }, members, count),
    ...placements.flatMap((one) => lacking({ deployment, role: one.role }, one.members, one.count)),
  ])
}

function lackingOf(
  awaits: number,
): (
  what: Pick<ShortPlacement, 'deployment' | 'role'>,
  members: readonly string[],
  count: number | undefined,
) => ShortPlacement[] {
  return (what, { length: placed }, count = 0) =>
    placed < count ? [{ ...what, placed, count, ...(awaits > 0 && { awaits }) }] : []
}
