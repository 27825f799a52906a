// The roof over secrets that are kept elsewhere: where a site says that they are, and what follows references to them.
import { type Answer, answer, refuse } from './model/refusal.ts'
import type { ResolveSecret } from './model/secret-reference.ts'
import type { SecretsSettings, VaultSettings } from './model/secrets.ts'

/** References to secrets, as this site says where they are kept. */
export async function followSecrets(siteDir: string): Promise<ResolveSecret> {
  const { followReferences } = await import('./secrets/references.ts')
  return followReferences({ siteDir, env: process.env, vault: () => vaultSettings(siteDir) })
}

async function vaultSettings(siteDirectory: string): Promise<Answer<VaultSettings>> {
  const read = await secretsSettings(siteDirectory)
  return read.ok ? answer(read.value.vault ?? {}) : read
}

export async function secretsSettings(siteDirectory: string): Promise<Answer<SecretsSettings>> {
  const { readSecrets } = await import('./content/read-secrets.ts')
  const read = await readSecrets(siteDirectory)
  if (read.ok) return answer(read.settings)
  const message = 'secrets: of anneal.yaml cannot be read, which says where keys and secrets are'
  return refuse({ code: 'invalidSite', message, faults: read.faults })
}
