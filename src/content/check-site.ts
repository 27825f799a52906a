// Checks of a site against its roles.
import type { Site } from '../model/site.ts'
import type { Everything } from './load-site.ts'

export async function checkSite(_everything: Everything, _site: Site): Promise<void> {}
