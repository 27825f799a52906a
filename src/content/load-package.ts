// Reads one package: its package.yaml and every role below roles/.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject, type JsonObject } from '../base/json.ts'
import type { Values } from '../model/site.ts'
import type { Content } from './content.ts'
import { type Findings, wrongFile, wrongValue } from './findings.ts'
import { PACKAGE_FORMAT } from './package-format.ts'
import { readDocument } from './read-document.ts'
import { type LoadedRole, readRole } from './read-role.ts'
import { ROLE_FORMAT } from './role-format.ts'
import type { Schemas } from './schema.ts'
import type { YamlDocument } from './yaml.ts'

export interface LoadedPackage {
  name: string
  version: string
  defaults: Values
  document: YamlDocument
  /** Those that fit their format, sound or not. */
  roles: LoadedRole[]
  /** All that have a file, so that one fault in a file does not become ten about its role. */
  roleNames: string[]
}

export async function loadPackage(
  /** Its real directory, and how it is shown to people. */
  place: { root: string; shown: string },
  content: Content,
  schemas: Schemas,
  findings: Findings,
): Promise<LoadedPackage | undefined> {
  const file = join(place.shown, 'package.yaml')
  const read = await readDocument(join(place.root, 'package.yaml'), file, PACKAGE_FORMAT, schemas, findings)
  const raw = read?.document.value
  if (read === undefined || !isObject(raw)) return undefined
  const { name, version } = raw
  const known = read.fits
    ? { name: name as string, version: version as string }
    : { name: nameOf(raw), version: '' }
  const loaded: LoadedPackage = {
    ...known,
    defaults: read.fits ? ((raw['defaults'] ?? {}) as Values) : {},
    document: read.document,
    roles: [],
    roleNames: [],
  }
  const around = {
    root: place.root,
    shown: place.shown,
    packageName: known.name,
    packageId: `${known.name}@${known.version}`,
    content,
    schemas,
    findings,
  }
  findings.looks?.names(join(place.root, 'roles'))
  const files = await readdir(join(place.root, 'roles'), { withFileTypes: true }).catch(() => [])
  for (const entry of files.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.isDirectory()) continue
    const shown = join(place.shown, 'roles', entry.name)
    if (!entry.name.endsWith('.yaml')) {
      if (entry.name.endsWith('.yml')) {
        wrongFile(findings, shown, {
          code: 'fileName',
          message: 'a role’s file ends in .yaml',
          advice: 'rename it',
        })
      }
      continue
    }
    const named = entry.name.slice(0, -'.yaml'.length)
    loaded.roleNames.push(named)
    const role = await readDocument(
      join(place.root, 'roles', entry.name),
      shown,
      ROLE_FORMAT,
      schemas,
      findings,
    )
    if (role === undefined || !role.fits) continue
    const name = (role.document.value as JsonObject)['role'] as string
    if (name !== named) {
      wrongValue(findings, role.document, ['role'], {
        code: 'fileName',
        message: `the role is named ${name} and its file ${entry.name}`,
        advice: 'a role’s file bears its name',
      })
    }
    loaded.roles.push(await readRole(role.document, around))
  }
  return loaded
}

function nameOf(raw: JsonObject): string {
  return typeof raw['name'] === 'string' ? raw['name'] : ''
}
