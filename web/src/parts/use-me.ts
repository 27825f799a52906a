// Who is signed in and what they may do; what they may not says why.
import { createContext, use } from 'react'

export interface Me {
  name: string
  grants: { role: string; rights: string[]; deployments?: string[] }[]
}

export const MeContext = createContext<Me | undefined>(undefined)

export function useMe(): Me | undefined {
  return use(MeContext)
}

/** Undefined where it is allowed; the server has the last word in any case. */
export function whyNot(me: Me | undefined, right: string, deployment?: string): string | undefined {
  if (me === undefined) return 'who you are is not known yet'
  const holding = me.grants.filter(({ rights }) => rights.includes(right))
  if (
    holding.some(
      ({ deployments }) => !deployments || deployment === undefined || deployments.includes(deployment),
    )
  )
    return undefined
  const roles = [...new Set(me.grants.map(({ role }) => role))].join(', ') || 'no role'
  return holding.length > 0
    ? `${me.name} may ${right} only in other deployments`
    : `${me.name} is ${roles} and may not ${right}: ask an admin of this site for a role that may`
}
