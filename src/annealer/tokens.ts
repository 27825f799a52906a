// Tokens: whom programs are let in as; issued, used and revoked by events, so that the one history knows all of it.
import { unreachable } from '../base/assert.ts'
import { nearest } from '../base/nearest.ts'
import type { TokenView } from '../model/access.ts'
import type { Command } from '../model/command.ts'
import type { Event } from '../model/event.ts'
import { NAME_PATTERN } from '../model/names.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import type { TokenRecord, World } from './world.ts'

export type TokenCommand = Extract<Command, { kind: 'issueToken' | 'useToken' | 'revokeToken' }>

export function decideToken(world: World, command: TokenCommand): Answer<Event[]> {
  switch (command.kind) {
    case 'issueToken':
      return issue(world, command)
    case 'useToken': {
      const token = world.tokens.get(command.token)
      if (!token || world.now - (token.usedAt ?? -Infinity) < USED_EVERY_MS) return answer([])
      return answer([{ kind: 'tokenUsed', token: token.token }])
    }
    case 'revokeToken': {
      const { token, by, why } = command
      const known = world.tokens.get(token)
      if (!known) return refuse(unknownToken(world, token))
      if (known.revoked) return answer([])
      return answer([{ kind: 'tokenRevoked', token, by, ...(why === undefined ? {} : { why }) }])
    }
    default:
      return unreachable(command)
  }
}

/** The last use is told as exactly as this: each would be an event otherwise. */
const USED_EVERY_MS = 3_600_000
/** Who needs more of them needs an identity provider. */
const VALID_MOST = 1_000
/** Revoked and expired ones are shown for as long as there are not so many. */
const KEPT_MOST = 2_000

export function isValid({ expiresAt, revoked }: TokenRecord, now: number): boolean {
  return revoked === undefined && (expiresAt === undefined || now < expiresAt)
}

export function viewToken(record: TokenRecord, now: number): TokenView {
  const { hash: _, ...told } = record
  const state = told.revoked ? 'revoked' : isValid(record, now) ? 'valid' : 'expired'
  return { ...told, state }
}

export function viewTokens(world: World, now: number): TokenView[] {
  const rank = { valid: 0, expired: 1, revoked: 1 }
  return [...world.tokens.values()]
    .map((token) => viewToken(token, now))
    .sort((a, b) => rank[a.state] - rank[b.state] || (a.token < b.token ? -1 : 1))
}

export function keepToken(world: World, event: Extract<Event, { kind: 'tokenIssued' }>): void {
  const { kind: _, by: issuedBy, ...told } = event
  // Behind all others, so that the oldest is the first one here.
  world.tokens.delete(told.token)
  world.tokens.set(told.token, { ...told, issuedBy, issuedAt: world.now })
  for (const old of world.tokens.values()) {
    if (world.tokens.size <= KEPT_MOST) break
    if (!isValid(old, world.now)) world.tokens.delete(old.token)
  }
}

export function revokeToken(
  world: World,
  { token, by, why }: Extract<Event, { kind: 'tokenRevoked' }>,
): void {
  const known = world.tokens.get(token)
  if (known) known.revoked = { by, at: world.now, ...(why === undefined ? {} : { why }) }
}

function issue(world: World, command: Extract<TokenCommand, { kind: 'issueToken' }>): Answer<Event[]> {
  const { kind: _, ...request } = command
  const { token, hash, grants, expiresAt } = request
  if (!NAME.test(token))
    return invalid(`${JSON.stringify(token)} is no name of small letters, digits and dashes`)
  if (!/^[0-9a-f]{64}$/.test(hash)) return invalid('its hash is none')
  if (grants.length === 0) return invalid(`${token} would be good for nothing: it has no role`)
  if (expiresAt !== undefined && expiresAt <= world.now) return invalid(`${token} would be expired already`)
  const before = world.tokens.get(token)
  if (before && isValid(before, world.now))
    return invalid(`there is a valid token ${token} already, issued by ${before.issuedBy}`)
  const valid = [...world.tokens.values()].filter((one) => isValid(one, world.now))
  if (valid.length >= VALID_MOST) return invalid(`there are ${valid.length} valid tokens, and no more may be`)
  const deployments = Object.keys(world.target?.deployments ?? {})
  const strange = grants.flatMap((grant) => grant.deployments ?? []).find((one) => !deployments.includes(one))
  if (strange !== undefined) {
    const meant = nearest(strange, deployments)
    const message = `there is no deployment ${strange}`
    return refuse({ code: 'unknownTarget', message, ...(meant === undefined ? {} : { nearest: meant }) })
  }
  return answer([{ kind: 'tokenIssued', ...request }])
}

const NAME = new RegExp(NAME_PATTERN)

function invalid<T>(message: string): Answer<T> {
  return refuse({ code: 'invalidToken', message })
}

function unknownToken(world: World, token: string): Refusal {
  const meant = nearest(token, world.tokens.keys())
  const message = `there is no token ${token}`
  return { code: 'unknownToken', message, ...(meant === undefined ? {} : { nearest: meant }) }
}
