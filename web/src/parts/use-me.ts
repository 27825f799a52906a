// Who is signed in and what they may do; what they may not says why.
import { createContext, use } from 'react'
import { ACCESS_ROLES, type Grant, type Right } from '../../../src/model/access.ts'

export interface Me {
  name: string
  grants: Grant[]
}

export const MeContext = createContext<Me | undefined>(undefined)

export function useMe(): Me | undefined {
  return use(MeContext)
}

/** Undefined where it is allowed; the server has the last word in any case. */
export function whyNot(me: Me | undefined, right: Right, deployment?: string): string | undefined {
  if (me === undefined) return 'who you are is not known yet'
  const holding = me.grants.filter(({ role }) => (ACCESS_ROLES[role] as readonly Right[]).includes(right))
  const isHere = ({ deployments }: Grant): boolean =>
    deployments === undefined || deployment === undefined || deployments.includes(deployment)
  if (holding.some(isHere)) return undefined
  if (holding.length > 0) return `${me.name} may do this only in ${placesOf(holding)}`
  const roles = [...new Set(me.grants.map(({ role }) => role))].join(', ')
  return `${me.name} is ${roles === '' ? 'nothing' : roles} here, and this needs the right to ${WORDS[right]}`
}

const WORDS: Record<Right, string> = {
  read: 'read',
  operate: 'operate',
  approve: 'approve',
  propose: 'propose',
  commit: 'commit',
  destructive: 'do what cannot be taken back',
  readSecrets: 'read secrets',
  admin: 'administer',
  carryOut: 'carry out runs',
}

function placesOf(grants: readonly Grant[]): string {
  return [...new Set(grants.flatMap(({ deployments }) => deployments ?? []))].join(', ')
}
