// Reads policies, of a site or of a deployment, from what fits the site format.
import { parseDuration } from '../base/duration.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Policies } from '../model/site.ts'

/** Nothing at all where nothing is said, so that what is above counts. */
export function policiesOf(raw: Json | undefined): { policies?: Partial<Policies> } {
  if (raw === undefined) return {}
  const { lost_after: lostAfter, ...words } = raw as JsonObject
  const policies: Record<string, Json> = {}
  for (const [word, said] of Object.entries(words)) policies[POLICY[word] as string] = said
  if (lostAfter !== undefined) policies['lostAfterMs'] = parseDuration(lostAfter as string) ?? 0
  return { policies: policies as Partial<Policies> }
}

const POLICY: Record<string, keyof Policies> = {
  on_new_node: 'newNode',
  on_lost_node: 'lostNode',
  on_changed_facts: 'changedFacts',
  on_changed_files: 'changedFiles',
  four_eyes: 'fourEyes',
}
