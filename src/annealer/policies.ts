// Policies: what is done about changes that nobody asked for, and which word counts for a deployment.
import type { Policies, Site } from '../model/site.ts'

const DEFAULT_POLICIES: Policies = {
  newNode: 'commit',
  lostNode: 'wait',
  changedFacts: 'commit',
  changedFiles: 'propose',
  lostAfterMs: 10 * 60_000,
  fourEyes: false,
}

/** The deployment's own word, else that of the nearest above it, else the site's. */
export function policyOf<K extends keyof Policies>(site: Site, deployment: string, word: K): Policies[K] {
  const asked = new Set<string>()
  for (let at: string | undefined = deployment; at !== undefined && !asked.has(at); ) {
    asked.add(at)
    const spec: Site['deployments'][string] | undefined = Object.hasOwn(site.deployments, at)
      ? site.deployments[at]
      : undefined
    const said = spec?.policies?.[word]
    if (said !== undefined) return said
    at = spec?.parent
  }
  return policyOfSite(site, word)
}

export function policyOfSite<K extends keyof Policies>(site: Site, word: K): Policies[K] {
  return site.policies?.[word] ?? DEFAULT_POLICIES[word]
}
