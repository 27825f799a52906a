// Reads what a role, a deployment or a placement says about drift: a policy in one word, or with times and exceptions.
import { parseDuration } from '../base/duration.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { DriftPolicy, DriftSpec } from '../model/drift.ts'

/** From what fits the format; nothing where nothing is said. */
export function driftSaid(raw: Json | undefined): { drift?: DriftSpec } {
  if (raw === undefined) return {}
  if (typeof raw === 'string') return { drift: { policy: raw as DriftPolicy } }
  const { policy, every, allow } = raw as JsonObject
  const drift: DriftSpec = {}
  if (policy !== undefined) drift.policy = policy as DriftPolicy
  if (every !== undefined) drift.everyMs = parseDuration(every as string) ?? 0
  if (allow !== undefined) drift.allow = allow as string[]
  return { drift }
}
