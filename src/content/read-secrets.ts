// Reads `secrets:` of anneal.yaml by itself, for who needs the key and nothing else of the site: faults elsewhere do not matter.
import { join } from 'node:path'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { Fault } from '../model/fault.ts'
import type { SecretsSettings, VaultSettings } from '../model/secrets.ts'
import { makeFindings } from './findings.ts'
import type { Format } from './format.ts'
import { readDocument } from './read-document.ts'
import { makeSchemas } from './schema.ts'
import { SECRETS } from './secrets-format.ts'

const FORMAT: Format = {
  title: 'An Anneal site (anneal.yaml)',
  type: 'object',
  properties: { secrets: SECRETS },
}

export type SecretsRead = { ok: true; settings: SecretsSettings } | { ok: false; faults: Fault[] }

export async function readSecrets(siteDir: string): Promise<SecretsRead> {
  const findings = makeFindings()
  const read = await readDocument(
    join(siteDir, 'anneal.yaml'),
    'anneal.yaml',
    FORMAT,
    makeSchemas(),
    findings,
  )
  if (!read?.fits) return { ok: false, faults: findings.faults }
  const { value } = read.document
  return { ok: true, settings: settingsOf(isObject(value) ? value['secrets'] : undefined) }
}

function settingsOf(raw: Json | undefined): SecretsSettings {
  if (!isObject(raw)) return {}
  const settings: SecretsSettings = {}
  const key = raw['key'] as JsonObject | undefined
  if (typeof key?.['file'] === 'string') settings.key = { kind: 'file', path: key['file'] }
  else if (key) settings.key = { kind: 'command', argv: key['command'] as string[] }
  if (raw['vault'] !== undefined) settings.vault = vaultOf(raw['vault'] as Record<string, string>)
  return settings
}

function vaultOf({
  address,
  token_file: tokenFile,
  namespace,
  ca_file: caFile,
}: Record<string, string>): VaultSettings {
  return {
    ...(address === undefined ? {} : { address }),
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(caFile === undefined ? {} : { caFile }),
  }
}
