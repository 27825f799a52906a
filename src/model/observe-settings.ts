// Settings of what leaves a server for those who watch it, and of hooks that come in, as `server.yaml` says them.
import type { AccessRole } from './access.ts'
import type { SecretReference } from './secret-reference.ts'

export interface ObserveSettings {
  metrics: boolean
  traces?: TraceSettings
  webhooks: WebhookSettings[]
  hooks: HookSettings[]
}

/** Reads what a reference in the settings stands for; the message says what is not to be had, and where. */
export type ReadSecret = (
  reference: SecretReference,
) => Promise<{ ok: true; value: string } | { ok: false; message: string }>

export interface TraceSettings {
  /** Whole, e.g. `http://127.0.0.1:4318/v1/traces`. */
  endpoint: string
  headers: Record<string, SecretReference>
}

export const WEBHOOK_EVENTS = [
  'run.failed',
  'cycle.ended',
  'drift.found',
  'proposal.waiting',
  'step.waiting',
  'node.lost',
] as const
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number]

export interface WebhookSettings {
  name: string
  url: string
  /** At least one; all, where the file says nothing. */
  events: WebhookEvent[]
  /** Each signs; while a secret is replaced by another there are two. */
  secrets: SecretReference[]
}

/** refresh: the files of the site are read and what they say enters by policy. propose: the same, and it waits for people. */
export type HookAction = 'refresh' | 'propose' | 'drift'

export interface HookSettings {
  name: string
  does: HookAction
  /** With the right of this role it is done. */
  role: AccessRole
  secrets: SecretReference[]
}
