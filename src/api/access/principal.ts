// A principal: somebody who is known, how they came in, and what they may do where.
import { ACCESS_ROLES, type Grant, type Right, RIGHTS, type Via } from '../../model/access.ts'

export interface Principal {
  /** As it stands in events and in the trail. */
  name: string
  /** Undefined: nobody knows who it is, and they may do nothing. */
  via: Via | undefined
  grants: readonly Grant[]
  /** Without a deployment: in any. */
  may(right: Right, deployment?: string): boolean
  mayEverywhere(right: Right): boolean
}

export function principal(name: string, via: Via | undefined, grants: readonly Grant[]): Principal {
  return { name, via, grants, may, mayEverywhere }

  function may(right: Right, deployment?: string): boolean {
    return grants.some(
      (grant) =>
        has(grant, right) &&
        (deployment === undefined ||
          grant.deployments === undefined ||
          grant.deployments.includes(deployment)),
    )
  }

  function mayEverywhere(right: Right): boolean {
    return grants.some((grant) => has(grant, right) && grant.deployments === undefined)
  }
}

/** Whoever asks for what everybody may ask for. */
export const ANYBODY: Principal = principal('anybody', undefined, [])

export function rightsOf(who: Principal): Right[] {
  return RIGHTS.filter((right) => who.may(right))
}

function has({ role }: Grant, right: Right): boolean {
  return (ACCESS_ROLES[role] as readonly Right[]).includes(right)
}
