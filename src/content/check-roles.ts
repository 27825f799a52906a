// Checks between roles: what they name in each other is there.
import type { Everything } from './load-site.ts'

export async function checkRoles(_everything: Everything): Promise<void> {}
