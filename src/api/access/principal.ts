// A principal: somebody who is known, how they came in, and what they may do where.
import { assert } from '../../base/assert.ts'
import { visible } from '../../base/visible.ts'
import {
  ACCESS_ROLES,
  type Grant,
  type Right,
  RIGHTS,
  RUNNER_PREFIX,
  TOKEN_PREFIX,
  type Via,
} from '../../model/access.ts'
import { ANNEAL } from '../../model/names.ts'
import type { Caller } from '../caller.ts'

export interface Principal extends Caller {
  /** Undefined: nobody knows who it is, and they may do nothing. */
  via: Via | undefined
  grants: readonly Grant[]
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

const NAME_MOST = 200

/** As somebody else says it, and as it may stand in the timeline. */
export function shownName(text: string): string {
  return visible(text).slice(0, NAME_MOST)
}

/** By an identity provider, which knows nothing of names that mean something here. */
export function foreignName(text: string): string {
  const name = shownName(text)
  return name === ANNEAL || name.startsWith(TOKEN_PREFIX) || name.startsWith(RUNNER_PREFIX)
    ? `oidc:${name}`
    : name
}

/** May carry out what it is handed, and nothing else. */
export function runnerPrincipal(runner: string): Principal {
  const may = (right: Right): boolean => right === 'carryOut'
  return {
    name: `${RUNNER_PREFIX}${runner}`,
    via: { kind: 'runner', runner },
    grants: [],
    may,
    mayEverywhere: may,
  }
}

/** Whoever asks for what everybody may ask for. */
export const ANYBODY: Principal = principal('anybody', undefined, [])

/** Only the doorkeeper lets callers in, and those that it lets in are principals. */
export function principalOf(caller: Caller): Principal {
  assert('grants' in caller && 'via' in caller, `${caller.name} did not come in by the door`)
  return caller as Principal
}

export function rightsOf(who: Principal): Right[] {
  return RIGHTS.filter((right) => who.may(right))
}

function has({ role }: Grant, right: Right): boolean {
  return (ACCESS_ROLES[role] as readonly Right[]).includes(right)
}
