// Reads a site: anneal.yaml, the packages and inventories that it names, and all checks between them.
import { join, resolve } from 'node:path'
import { isObject, type JsonObject } from '../base/json.ts'
import type { Fault } from '../model/fault.ts'
import type { Role } from '../model/role.ts'
import type { Site, Values } from '../model/site.ts'
import { checkRoles } from './check-roles.ts'
import { checkSite } from './check-site.ts'
import type { Content } from './content.ts'
import type { Everything } from './everything.ts'
import { type Findings, makeFindings, sorted, wrongKey, wrongValue } from './findings.ts'
import type { KnownToFit } from './known-to-fit.ts'
import type { Looks } from './looks.ts'
import { findPackages } from './find-packages.ts'
import { type LoadedPackage, loadPackage } from './load-package.ts'
import { readDocument } from './read-document.ts'
import { readDeployments } from './read-deployments.ts'
import { policiesOf } from './read-policies.ts'
import { type LoadedNode, readNodes } from './read-nodes.ts'
import type { LoadedRole } from './read-role.ts'
import { makeSchemas } from './schema.ts'
import { SITE_FORMAT } from './site-format.ts'

const SITE_FILE = 'anneal.yaml'

export type Loaded =
  | ({ ok: true; site: Site; content: Map<string, Uint8Array> } & Told)
  | ({ ok: false; faults: Fault[] } & Told)

interface Told {
  warnings: Fault[]
  /** The YAML files that were read, or looked for, by their paths. */
  files: string[]
}

export interface LoadOptions {
  /** Where the packages are that come with Anneal; without it a site can use its own only. */
  shippedPackages?: string
  known?: KnownToFit
  /** Takes down all that is looked at on disk. */
  looks?: Looks
}

/** Our formats and the schemas of roles are compiled once in a process. */
const schemas = makeSchemas()

export async function loadSite(siteDir: string, options: LoadOptions = {}): Promise<Loaded> {
  const findings = makeFindings(options.known, options.looks)
  const content: Content = { bytes: new Map(), ...(options.looks && { looks: options.looks }) }
  const read = await readDocument(join(siteDir, SITE_FILE), SITE_FILE, SITE_FORMAT, schemas, findings)
  const raw = read?.document.value
  if (read === undefined || !isObject(raw)) return failed(findings)
  const { document } = read
  const shippedPackages = options.shippedPackages
  const packages: LoadedPackage[] = []
  for (const place of await findPackages(resolve(siteDir), document, shippedPackages, findings)) {
    const loaded = await loadPackage(place, content, schemas, findings)
    if (loaded !== undefined) packages.push(loaded)
  }
  const roles = collectRoles(packages, findings)
  const brokenRoles = new Set(packages.flatMap((one) => one.roleNames).filter((name) => !roles.has(name)))
  const { nodes, complete: nodesComplete } = read.fits
    ? await readNodes(resolve(siteDir), document, schemas, findings)
    : { nodes: new Map<string, LoadedNode>(), complete: false }
  const everything: Everything = {
    document,
    packages,
    roles,
    brokenRoles,
    nodes,
    nodesComplete,
    shippedPackages,
    schemas,
    findings,
  }
  await checkRoles(everything)
  if (!read.fits) return failed(findings)
  const site: Site = {
    name: raw['site'] as string,
    nodes: Object.fromEntries([...nodes].map(([name, node]) => [name, node.spec])),
    deployments: readDeployments((raw['deployments'] ?? {}) as JsonObject),
    roles: Object.fromEntries([...roles].map(([name, { role }]) => [name, role])),
    ...policiesOf(raw['policies']),
    defaults: Object.fromEntries(packages.map((one) => [one.name, one.defaults] as [string, Values])),
  }
  await checkSite(everything, site)
  options.known?.keep()
  if (findings.faults.length > 0) return failed(findings)
  return {
    ok: true,
    site,
    content: onlyUsed(content, site.roles),
    warnings: sorted(findings.warnings),
    files: findings.files,
  }
}

function failed(findings: Findings): Loaded {
  return {
    ok: false,
    faults: sorted(findings.faults),
    warnings: sorted(findings.warnings),
    files: findings.files,
  }
}

function collectRoles(packages: LoadedPackage[], findings: Findings): Map<string, LoadedRole> {
  const roles = new Map<string, LoadedRole>()
  const names = new Map<string, LoadedPackage>()
  for (const one of packages) {
    const other = names.get(one.name)
    if (other !== undefined) {
      wrongValue(findings, one.document, ['name'], {
        code: 'twoPackages',
        message: `two packages are named ${one.name}: ${other.document.source.file} and ${one.document.source.file}`,
      })
    }
    names.set(one.name, one)
    for (const loaded of one.roles) {
      const { name } = loaded.role
      const first = roles.get(name)
      if (first === undefined) roles.set(name, loaded)
      else {
        wrongKey(findings, loaded.document, ['role'], {
          code: 'twoRoles',
          message: `the role ${name} is in two packages: ${first.role.package} and ${loaded.role.package}`,
          advice: 'rename one of them, or take one package out of the site',
        })
      }
    }
  }
  return roles
}

function onlyUsed(content: Content, roles: Record<string, Role>): Map<string, Uint8Array> {
  const used = Object.values(roles).flatMap(({ apply, check, remove, files }) => [
    ...[apply, check, remove].flatMap((ref) => ref?.digest ?? []),
    ...Object.values(files).map((file) => file.content.digest),
  ])
  return new Map(used.map((digest) => [digest, content.bytes.get(digest) as Uint8Array]))
}
