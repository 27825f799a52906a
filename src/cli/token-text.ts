// Tokens and their grants as text.
import type { Grant, TokenView } from '../model/access.ts'
import { localTime } from './local-time.ts'
import { type Column, table } from './table.ts'
import { type Line, type Span, type Style, styled } from './text.ts'

export function tokenTable(tokens: readonly TokenView[], width: number | undefined): Line[] {
  return table(COLUMNS, tokens.map(row), width)
}

/** `operator in store`, `admin`. */
export function grantText({ role, deployments }: Grant): string {
  return deployments === undefined ? role : `${role} in ${deployments.join(', ')}`
}

const COLUMNS: readonly Column[] = [
  { title: 'TOKEN' },
  { title: 'ROLE', shrinksTo: 10 },
  { title: 'STATE' },
  { title: 'EXPIRES' },
  { title: 'LAST USED' },
  { title: 'ISSUED' },
  { title: 'BY', shrinksTo: 8 },
  { title: 'WHY', shrinksTo: 8 },
]

function row({ token, grants, state, expiresAt, usedAt, issuedAt, issuedBy, why }: TokenView): Span[] {
  return [
    token,
    grants.map(grantText).join('; '),
    styled(STYLES[state], state),
    expiresAt === undefined ? 'never' : localTime(expiresAt),
    usedAt === undefined ? '-' : localTime(usedAt),
    localTime(issuedAt),
    issuedBy,
    why ?? '',
  ]
}

const STYLES: Record<TokenView['state'], Style> = { valid: 'good', expired: 'faint', revoked: 'faint' }
