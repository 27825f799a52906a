// A claim as it travels: each role once, however many of what is handed over are of it.
import type { Role } from './role.ts'
import type { Claimed, Handed, Work } from './runner-talk.ts'

/** `role` in an order is its place in `roles`. */
export interface PackedClaim extends Omit<Claimed, 'handed'> {
  roles: Role[]
  handed: { hand: number; work: unknown }[]
}

export function packClaim({ handed, end }: Claimed): PackedClaim {
  const places = new Map<Role, number>()
  const placeOf = (role: Role): number => {
    const place = places.get(role) ?? places.size
    places.set(role, place)
    return place
  }
  const packed = handed.map(({ hand, work }) => ({ hand, work: withRoles(work, placeOf) }))
  return { roles: [...places.keys()], handed: packed, end }
}

/** What is not packed stays as it is. */
export function unpackClaim(claimed: Claimed | PackedClaim): Claimed {
  if (!('roles' in claimed)) return claimed
  const { roles, handed, end } = claimed
  const roleAt = (place: unknown): Role => roles[place as number] as Role
  return {
    end,
    handed: handed.map(({ hand, work }): Handed => ({ hand, work: withRoles(work as Work, roleAt) as Work })),
  }
}

function withRoles(work: Work, other: (role: Role) => unknown): unknown {
  if (work.kind === 'contact' || work.kind === 'exec') return work
  const { order } = work
  if (work.kind === 'run') return { kind: 'run', order: { ...order, role: other(work.order.role) } }
  const parts = work.order.parts.map((part) => ({ ...part, role: other(part.role) }))
  return { ...work, order: { ...order, parts } }
}
