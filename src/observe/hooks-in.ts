// Hooks that come in: who signed, of now and not twice, may bring about what the hook is for, by the right of its role.
import type { Log } from '../base/log.ts'
import type { Clock } from '../engine/clock.ts'
import { ACCESS_ROLES, type AccessRole, type Right } from '../model/access.ts'
import type { HookCall, HookDone } from '../model/hook.ts'
import type { HookAction } from '../model/observe-settings.ts'
import { type Answer, type Refusal, refuse } from '../model/refusal.ts'
import type { KeptFile } from './kept-file.ts'
import {
  type SignatureProblem,
  signatureProblem,
  TOLERANCE_MS,
  WEBHOOK_HEADERS,
} from './webhook-signature.ts'

export interface Hook {
  name: string
  does: HookAction
  role: AccessRole
  secrets: readonly Uint8Array[]
}

export interface HooksParts {
  hooks: readonly Hook[]
  /** What is done; `by` stands in the timeline. */
  act: (does: HookAction, by: string) => Promise<Answer<Omit<HookDone, 'hook' | 'does'>>>
  /** Remembers ids over a restart. */
  file: KeptFile
  clock: Clock
  log: Log
}

export type HooksIn = (call: HookCall) => Promise<Answer<HookDone>>

const NEEDS: Record<HookAction, readonly Right[]> = {
  refresh: ['propose', 'commit'],
  propose: ['propose'],
  drift: ['operate'],
}

export function hooksIn({ hooks, act, file, clock, log }: HooksParts): HooksIn {
  /** By hook and id: until when it must not come again. */
  const seen = new Map<string, number>()
  const remembered = remember()
  /** One after the other: two that propose the same would be in each other's way. */
  let turn: Promise<unknown> = remembered
  return async (call) => {
    await remembered
    const hook = hooks.find(({ name }) => name === call.name)
    const now = clock.now()
    const problem = hook ? signatureProblem(call.headers, call.body, hook.secrets, now) : 'signature'
    if (!hook || problem !== undefined) return refuse(UNSIGNED[problem ?? 'signature'])
    const key = `${hook.name} ${call.headers[WEBHOOK_HEADERS.id]}`
    for (const [known, until] of seen) if (until < now) seen.delete(known)
    if (seen.has(key)) return refuse(REPLAYED)
    // Later than this its time alone gives it away, however far the sender's clock is off.
    seen.set(key, now + 2 * TOLERANCE_MS)
    await keep()
    const rights: readonly Right[] = ACCESS_ROLES[hook.role]
    if (!NEEDS[hook.does].every((right) => rights.includes(right))) return refuse(notAllowed(hook))
    const acted = turn.then(() => act(hook.does, `hook ${hook.name}`))
    turn = acted.catch(() => {})
    const done = await acted
    return done.ok ? { ok: true, value: { hook: hook.name, does: hook.does, ...done.value } } : done
  }

  async function remember(): Promise<void> {
    const kept = await file.read()
    for (const [key, until] of Object.entries(kept ?? {})) if (typeof until === 'number') seen.set(key, until)
  }

  /** Before anything is done: what cannot be remembered must not be open to be sent again. */
  async function keep(): Promise<void> {
    try {
      await file.write(() => Object.fromEntries(seen))
    } catch (error) {
      log('error', 'ids of hooks cannot be kept', { problem: String(error) })
    }
  }
}

const UNSIGNED: Record<SignatureProblem, Refusal> = {
  incomplete: {
    code: 'unauthenticated',
    message: `a hook is signed: ${Object.values(WEBHOOK_HEADERS).join(', ')} are needed in their form`,
  },
  timestamp: {
    code: 'unauthenticated',
    message: 'it was signed more than 5 minutes before or after the time of this server',
  },
  signature: {
    code: 'unauthenticated',
    message: 'no hook of this name knows the secret that it is signed with',
  },
}

const REPLAYED: Refusal = { code: 'replayed', message: 'this message has been taken already' }

function notAllowed({ name, role, does }: Hook): Refusal {
  const message = `the hook ${name} has the role ${role}, which may not ${does}: it needs ${NEEDS[does].join(' and ')}`
  return { code: 'notAllowed', message }
}
