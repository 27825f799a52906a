// Choosing places: for all placements with a count together, so that what conflicts keeps apart and what is required is near.
import type { Role } from '../model/role.ts'
import type { PlacementTarget, Target } from '../model/site.ts'
import type { Chooser } from './choosing.ts'

export interface OpenChoice {
  deployment: string
  /** Its members are not known yet. */
  placement: PlacementTarget
  chooser: Chooser
}

/** First everybody keeps what they have, then numbers are made up; required ones before those that require them. */
export function choosePlaces(target: Target, open: readonly OpenChoice[]): void {
  if (open.length === 0) return
  const houses = housesOf(target)
  const ordered = requiredFirst(target, open)
  for (const one of ordered) settle(one, 'keep')
  for (const one of ordered) settle(one, 'fill')

  function settle(one: OpenChoice, step: 'keep' | 'fill'): void {
    const { placement, chooser } = one
    const before = new Set(chooser.chosen)
    const party = withRequired(target, placement.role)
    const near = ordered.filter((other) => other !== one && isNeededBy(target, other, one))
    chooser[step](
      (node) => near.every((other) => other.chooser.chosen.includes(node)) && houses.mayEnter(node, party),
    )
    placement.members = [...chooser.chosen]
    for (const node of placement.members) if (!before.has(node)) houses.enter(node, party)
  }
}

/** Depth first, as they require each other; a circle of requirements is refused elsewhere. */
function requiredFirst(target: Target, open: readonly OpenChoice[]): OpenChoice[] {
  const ordered: OpenChoice[] = []
  const seen = new Set<OpenChoice>()
  open.forEach(visit)
  return ordered

  function visit(one: OpenChoice): void {
    if (seen.has(one)) return
    seen.add(one)
    for (const other of open) if (isNeededBy(target, other, one)) visit(other)
    ordered.push(one)
  }
}

function isNeededBy(target: Target, needed: OpenChoice, by: OpenChoice): boolean {
  return (
    needed !== by &&
    needed.deployment === by.deployment &&
    withRequired(target, by.placement.role).some(({ name }) => name === needed.placement.role)
  )
}

/** A role and all that comes onto its node with it. */
function withRequired({ roles }: Target, name: string): Role[] {
  const found = new Map<string, Role>()
  const open = [name]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const role = Object.hasOwn(roles, next) ? roles[next] : undefined
    if (!role || found.has(next)) continue
    found.set(next, role)
    open.push(...role.requires.filter(({ of }) => of === 'node').map((one) => one.role))
  }
  return [...found.values()]
}

interface Houses {
  mayEnter(node: string, party: readonly Role[]): boolean
  enter(node: string, party: readonly Role[]): void
}

/** Who lives on which node by what is placed there in any case; of no interest where no role conflicts with any. */
function housesOf(target: Target): Houses {
  const quarrelsome = Object.values(target.roles).some((role) => role.conflicts.length > 0)
  if (!quarrelsome) return { mayEnter: () => true, enter: () => {} }
  const living = new Map<string, Set<Role>>()
  const houses: Houses = {
    mayEnter(node, party) {
      const there = living.get(node)
      return (
        there === undefined || !party.some((one) => [...there].some((other) => areInConflict(one, other)))
      )
    },
    enter(node, party) {
      const there = living.get(node) ?? new Set()
      living.set(node, there)
      for (const role of party) there.add(role)
    },
  }
  for (const { placements } of Object.values(target.deployments)) {
    for (const { role, members } of placements) {
      const party = withRequired(target, role)
      for (const node of members) houses.enter(node, party)
    }
  }
  return houses
}

export function areInConflict(a: Role, b: Role): boolean {
  const names = (role: Role): string[] => [role.name, ...role.provides]
  return (
    a.name !== b.name &&
    (a.conflicts.some((name) => names(b).includes(name)) ||
      b.conflicts.some((name) => names(a).includes(name)))
  )
}
