// Vouching: one server of a site says to another for whom it asks, so that rights and the trail are as at its own door.
import { isObject } from '../../base/json.ts'
import { ACCESS_ROLE_NAMES, type AccessRole, type Grant, type Via } from '../../model/access.ts'
import { type Answer, answer } from '../../model/refusal.ts'
import { VOUCHED_FOR } from '../forward.ts'
import { type Principal, principal, shownName } from './principal.ts'

export function vouchFor({ name, via, grants }: Principal): string {
  return Buffer.from(JSON.stringify({ name, via, grants })).toString('base64url')
}

/** Undefined where nobody is named, or not in our words. */
export function vouchedFor(headers: Headers): Answer<Principal> | undefined {
  try {
    const text = Buffer.from(headers.get(VOUCHED_FOR) ?? '', 'base64url').toString()
    const told: unknown = JSON.parse(text)
    if (!isObject(told) || typeof told['name'] !== 'string') return undefined
    const { name, via, grants } = told
    if (!isVia(via) || !Array.isArray(grants)) return undefined
    const known = (grants as unknown[]).filter(isGrant)
    return known.length === grants.length ? answer(principal(shownName(name), via, known)) : undefined
  } catch {
    return undefined
  }
}

function isVia(told: unknown): told is Via {
  const kinds: unknown[] = ['key', 'token', 'session', 'identity']
  return isObject(told) && kinds.includes(told['kind'])
}

function isGrant(told: unknown): told is Grant {
  if (!isObject(told) || !ACCESS_ROLE_NAMES.includes(told['role'] as AccessRole)) return false
  const { deployments } = told
  return (
    deployments === undefined ||
    (Array.isArray(deployments) && deployments.every((one) => typeof one === 'string'))
  )
}
