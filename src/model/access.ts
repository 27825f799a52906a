// Access: the rights that a request may need, the access roles that bundle them, tokens, and how somebody came in.
import type { Answer } from './refusal.ts'
import type { AuditEntry, AuditFilter, AuditNote } from './audit.ts'

export const RIGHTS = [
  'read',
  /** Runs, holds, cancels, looks for drift: nothing that a revision does not say already. */
  'operate',
  /** The word for what waits for one. */
  'approve',
  'propose',
  'commit',
  /** What cannot be taken back: roles marked `once`, rinses, execs, forgetting a node. */
  'destructive',
  'readSecrets',
  'admin',
  /** Takes work and tells what came of it: of runners elsewhere, and of nobody else. */
  'carryOut',
] as const

export type Right = (typeof RIGHTS)[number]

/** Each has all that the one before it has. */
export const ACCESS_ROLES = {
  viewer: ['read'],
  operator: ['read', 'operate', 'approve'],
  author: ['read', 'operate', 'approve', 'propose', 'commit'],
  admin: ['read', 'operate', 'approve', 'propose', 'commit', 'destructive', 'readSecrets', 'admin'],
} as const satisfies Record<string, readonly Right[]>

export type AccessRole = keyof typeof ACCESS_ROLES

export const ACCESS_ROLE_NAMES = Object.keys(ACCESS_ROLES) as AccessRole[]

export interface Grant {
  role: AccessRole
  /** Only there; absent: in the whole site. */
  deployments?: string[]
}

/** How somebody came in: what is asked about when something was done that should not have been. */
export type Via =
  /** The key of the server: somebody who may read `.anneal/` on its machine. */
  | { kind: 'key' }
  | { kind: 'token'; token: string }
  | { kind: 'session'; session: string; by: 'link' | 'oidc'; subject?: string }
  /** The lease of a runner elsewhere. */
  | { kind: 'runner'; runner: string }
  /** A token of the identity provider, for machines. */
  | { kind: 'identity'; issuer: string; subject: string }

/** Before the name of a token where it stands for who did something. */
export const TOKEN_PREFIX = 'token:'
/** The same of a runner elsewhere. */
export const RUNNER_PREFIX = 'runner:'

/** Without its hash: what may be shown. Moments in milliseconds since the epoch. */
export interface TokenView {
  token: string
  grants: Grant[]
  state: 'valid' | 'expired' | 'revoked'
  issuedBy: string
  issuedAt: number
  why?: string
  expiresAt?: number
  /** To the hour. */
  usedAt?: number
  revoked?: { by: string; at: number; why?: string }
}

export interface TokenRequest {
  token: string
  /** SHA-256 of the secret, in hex: the secret itself never comes here. */
  hash: string
  grants: Grant[]
  expiresAt?: number
  by: string
  why?: string
}

/** What doors ask of tokens and of the trail; part of `Operations`. */
export interface AccessOperations {
  /** Valid ones first, then by name. */
  tokens(): Promise<Answer<TokenView[]>>
  issueToken(request: TokenRequest): Promise<Answer<TokenView>>
  revokeToken(token: string, by: string, why?: string): Promise<Answer<TokenView>>
  /** It was shown just now. */
  useToken(token: string): Promise<Answer<void>>
  /** Oldest first. */
  audit(filter: AuditFilter): Promise<Answer<AuditPage>>
  /** Durable when it resolves. */
  note(note: AuditNote): Promise<Answer<void>>
}

export interface AuditPage {
  entries: AuditEntry[]
  /** The journal was read up to this event; more may come after it. */
  head: number
  /** Give it as `after` for the next page; absent: that was all. */
  next?: number
}
