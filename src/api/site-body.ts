// A site in the body of a request: read, looked at, and with the bytes that it refers to.
import { z } from '@hono/zod-openapi'
import { canonical } from '../base/canonical.ts'
import type { ContentStore } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Site } from '../model/site.ts'
import { referencesIn } from './check-references.ts'
import { siteFaults } from './check-site.ts'
import { invalid } from './read-request.ts'
import type { Asked } from './route.ts'
import { SiteSchema } from './schemas/site.ts'

/** A fleet of ten thousand nodes has some megabytes of them. */
export const SITE_MOST = 64 * 1024 * 1024

export const SiteBody = z.strictObject({ site: SiteSchema })

export async function checkedSite(
  { serving, caller }: Pick<Asked, 'serving' | 'caller'>,
  site: Site,
): Promise<Answer<Site>> {
  const isTrusted = caller.mayEverywhere('commit')
  const faults = await serving.ask((world) => {
    const known = isTrusted ? undefined : referencesIn(world.target)
    return siteFaults(site, world.language, (reference) => known?.has(canonical(reference)) ?? true)
  })
  return faults.length === 0 ? answer(site) : refuse(invalid(faults))
}

/** With what its roles refer to. */
export async function siteWithContent(
  around: Pick<Asked, 'serving' | 'uploads' | 'caller'>,
  site: Site,
): Promise<Answer<{ site: Site; content: ContentStore }>> {
  const checked = await checkedSite(around, site)
  if (!checked.ok) return checked
  const content = await around.uploads.contentOf(site, around.serving)
  return content.ok ? answer({ site, content: content.value }) : content
}
