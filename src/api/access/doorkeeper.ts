// The doorkeeper: whom a request is from, whether it may, and what of it goes into the trail; the only way to the routes.
import { isObject } from '../../base/json.ts'
import type { World } from '../../annealer/world.ts'
import type { AuditNote } from '../../model/audit.ts'
import { type Answer, answer, type Refusal, refuse } from '../../model/refusal.ts'
import type { LimitSettings } from '../../model/server-settings.ts'
import type { Came, Knock, Said } from '../caller.ts'
import { buckets } from './buckets.ts'
import { isCrossSite, isForeignName, type Origins } from './cross-site.ts'
import { identify, type IdentifyParts } from './identify.ts'
import { type Need, needsOf } from './needs.ts'
import { ANYBODY, type Principal } from './principal.ts'
import { ROUTE_RIGHTS, type RouteRight } from './route-rights.ts'

export interface DoorkeeperParts extends IdentifyParts {
  origins: Origins
  limits: LimitSettings
  /** Into the trail; durable when it resolves, never rejects. */
  write(note: AuditNote): Promise<void>
  /** Into the log, and into the trail in measure. */
  deny(note: AuditNote): void
  /** It was shown just now. */
  useToken(token: string): void
}

export interface Doorkeeper {
  admit(knock: Knock): Promise<Answer<Principal>>
  allow(knock: Knock, caller: Principal, said: Said): Promise<Answer<void>>
  note(knock: Knock, caller: Principal, came: Came): Promise<void>
}

const USED_EVERY_MS = 3_600_000

export function doorkeeper(parts: DoorkeeperParts): Doorkeeper {
  const { limits, origins } = parts
  const perPrincipal = buckets(limits.perPrincipal)
  const perAddress = buckets(limits.perAddress)
  const failures = buckets(limits.failures)
  /** When each was last told as used by us. */
  const usedAt = new Map<string, number>()
  return { admit, allow, note }

  async function admit(knock: Knock): Promise<Answer<Principal>> {
    const { remote: address } = knock
    const row = rowOf(knock)
    if (isForeignName(knock, origins))
      return turnAway(knock, crossSite('this server is not known by that name'))
    // Runners ask as often as work and logs need it; who only says to be one pays below.
    const full = row?.right === 'carryOut' ? undefined : perAddress.take(address, parts.now())
    if (full !== undefined) return turnAway(knock, tooMany('this address asks too often', full))
    if (!row)
      return turnAway(knock, { code: 'notAllowed', message: 'nobody may: it stands in no table of rights' })
    if (row.right === 'open') return answer(ANYBODY)
    const { shown, who } = await whoAsks(knock)
    if (!who.ok) return turnAway(knock, who.refusal, undefined, shown)
    const caller = who.value
    if (caller.via?.kind === 'session' && isCrossSite(knock, origins))
      return turnAway(knock, crossSite('a page of another site asked for it'), caller)
    const wait = row.right === 'carryOut' ? undefined : perPrincipal.take(caller.name, parts.now())
    if (wait !== undefined) return turnAway(knock, tooMany(`${caller.name} asks too often`, wait), caller)
    if (row.right !== 'signedIn' && !mayAtAll(caller, row))
      return turnAway(knock, lacking(caller, row), caller)
    tellUse(caller)
    return who
  }

  /** A credential that is not good costs more than one that is. */
  async function whoAsks(knock: Knock): Promise<{ shown: boolean; who: Answer<Principal> }> {
    const { remote: address } = knock
    // A signature is dear to check; for all else the answer is found in no time.
    const readIdentity = failures.isEmpty(address, parts.now()) ? undefined : parts.readIdentity
    const found = await identify({ ...parts, readIdentity }, knock)
    if (found.who.ok || !found.shown) return found
    // It was good a moment ago.
    if (found.who.refusal.code === 'leaseOver') return found
    const wait = failures.take(address, parts.now())
    return wait === undefined
      ? found
      : { shown: true, who: refuse(tooMany('too many credentials were not good', wait)) }
  }

  async function allow(knock: Knock, caller: Principal, said: Said): Promise<Answer<void>> {
    const row = rowOf(knock)
    if (!row) return refuse({ code: 'notAllowed', message: 'nobody may' })
    if (row.right === 'open' || row.right === 'signedIn' || !isPerDeployment(caller, row))
      return answer(undefined)
    const needs = await parts.ask((world: World) => needsOf(world, row, { params: knock.params, ...said }))
    const unmet = needs.find((need) => !meets(caller, need))
    return unmet ? refuse(lackingThere(caller, unmet)) : answer(undefined)
  }

  async function note(knock: Knock, caller: Principal, came: Came): Promise<void> {
    const row = rowOf(knock)
    if (!row || row.right === 'open') return
    const outcome = came.status < 400 ? 'taken' : (came.code ?? String(came.status))
    const told = noteOf(knock, caller, outcome, came)
    if (came.code !== undefined && DENIED.has(came.code)) return parts.deny(told)
    if (changes(knock, row)) await parts.write(told)
  }

  function turnAway(knock: Knock, refusal: Refusal, caller?: Principal, shown = true): Answer<Principal> {
    // Who shows nothing and changes nothing has tried nothing: a page that asks whether somebody is signed in.
    // Whose lease is over was known a moment ago, and comes back by itself.
    if (refusal.code !== 'leaseOver' && (shown || knock.method !== 'GET'))
      parts.deny(noteOf(knock, caller, refusal.code))
    return refuse(refusal)
  }

  function tellUse({ via }: Principal): void {
    if (via?.kind !== 'token') return
    const now = parts.now()
    if (now - (usedAt.get(via.token) ?? -Infinity) < USED_EVERY_MS) return
    usedAt.set(via.token, now)
    parts.useToken(via.token)
  }
}

const DENIED: ReadonlySet<string> = new Set<Refusal['code']>([
  'unauthenticated',
  'notAllowed',
  'crossSite',
  'tooMany',
])

function rowOf({ method, route }: Knock): RouteRight | undefined {
  const key = `${method === 'HEAD' ? 'GET' : method} ${route}`
  return Object.hasOwn(ROUTE_RIGHTS, key) ? ROUTE_RIGHTS[key] : undefined
}

function changes({ method }: Knock, row: RouteRight): boolean {
  return method !== 'GET' && method !== 'HEAD' && row.asksOnly !== true
}

/** Before anything of it was read. */
function mayAtAll(caller: Principal, { right, where }: RouteRight): boolean {
  if (right === 'open' || right === 'signedIn') return true
  return where === 'everywhere' ? caller.mayEverywhere(right) : caller.may(right)
}

/** Of a control what it is decides; all else is settled where the right is held everywhere. */
function isPerDeployment(caller: Principal, { right, where }: RouteRight): boolean {
  if (right === 'open' || right === 'signedIn') return false
  return where === 'control' || !caller.mayEverywhere(right)
}

function meets(caller: Principal, need: Need): boolean {
  if (caller.mayEverywhere(need.right)) return true
  return need.in !== 'everywhere' && need.in.every((deployment) => caller.may(need.right, deployment))
}

function lacking({ name }: Principal, { right, where }: RouteRight): Refusal {
  const there = where === 'everywhere' ? ' in the whole site' : ''
  return { code: 'notAllowed', message: `${name} has not the right ${right}${there}` }
}

function lackingThere(caller: Principal, need: Need): Refusal {
  const lacks = need.in === 'everywhere' ? [] : need.in.filter((one) => !caller.may(need.right, one))
  const there = lacks.length === 0 ? 'the whole site' : lacks.join(', ')
  return { code: 'notAllowed', message: `${caller.name} has not the right ${need.right} in ${there}` }
}

function crossSite(message: string): Refusal {
  return { code: 'crossSite', message }
}

function tooMany(message: string, retryAfterMs: number): Refusal {
  return { code: 'tooMany', message, retryAfterMs }
}

const TEXT_MOST = 500

function noteOf(
  { method, route, params, remote: address }: Knock,
  caller: Principal | undefined,
  outcome: string,
  said: Partial<Said> = {},
): AuditNote {
  const body = isObject(said.body) ? said.body : {}
  const names = [
    body['kind'],
    ...Object.values(params),
    ...listOf(body['targets']),
    body['token'],
    body['revision'],
  ]
  const target = names.filter((one) => typeof one === 'string' || typeof one === 'number').join(' ')
  const why = [body['why'], body['message']].find((one) => typeof one === 'string' && one !== '')
  return {
    what: `${method} ${route}`,
    ...(target === '' ? {} : { target: target.slice(0, TEXT_MOST) }),
    ...(typeof why === 'string' ? { why: why.slice(0, TEXT_MOST) } : {}),
    ...(caller?.via === undefined ? {} : { by: caller.name, via: caller.via }),
    address,
    outcome,
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}
