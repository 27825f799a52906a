// Secrets of server.yaml for tests: references followed as the roof has it, with an environment of the test's own.
import { settingsSecrets } from '../../src/content/settings-secret.ts'
import type { ReadSecret } from '../../src/model/observe-settings.ts'
import { followReferences } from '../../src/secrets/references.ts'

export function readSecretsBy(env: Record<string, string>): ReadSecret {
  return settingsSecrets(
    followReferences({ siteDir: '/', env, vault: () => Promise.reject(new Error('no Vault was expected')) }),
  )
}
