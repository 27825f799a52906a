// Finds the directories that a site's `packages:` means: its own by path, those that come with Anneal by name.
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import type { JsonObject } from '../base/json.ts'
import { matchesGlob } from '../base/glob.ts'
import { nearest } from '../base/nearest.ts'
import { NAME_PATTERN } from '../model/names.ts'
import { readSource } from './files.ts'
import { type Findings, warn, wrongValue } from './findings.ts'
import type { Looks } from './looks.ts'
import type { Complaint } from './source.ts'
import { readYaml, type YamlDocument } from './yaml.ts'

export interface PackagePlace {
  /** The real directory. */
  root: string
  /** As people see it: relative to the site; one that comes with Anneal by its path. */
  shown: string
}

export async function findPackages(
  siteDir: string,
  document: YamlDocument,
  shippedPackages: string | undefined,
  findings: Findings,
): Promise<PackagePlace[]> {
  const listed = (document.value as JsonObject)['packages']
  const places = new Map<string, PackagePlace>()
  for (const [index, entry] of (Array.isArray(listed) ? listed : []).entries()) {
    if (typeof entry !== 'string') continue
    const path = ['packages', String(index)]
    const isPath = /^(\.{1,2}(\/|$)|\/)/.test(entry)
    const found = isPath
      ? await byPath(siteDir, entry, findings.looks)
      : await byName(entry, shippedPackages, findings.looks)
    if (found.complaint !== undefined) {
      const { serious, ...complaint } = found.complaint
      if (serious) wrongValue(findings, document, path, complaint)
      else warn(findings, document, path, complaint)
    }
    for (const place of found.places) places.set(place.root, place)
  }
  return [...places.values()]
}

interface FoundPackages {
  places: PackagePlace[]
  complaint?: Complaint & { serious: boolean }
}

async function byPath(siteDir: string, entry: string, looks: Looks | undefined): Promise<FoundPackages> {
  if (entry.includes('**')) {
    return {
      places: [],
      complaint: {
        serious: true,
        code: 'badGlob',
        message: '** is not possible here',
        advice: 'use * once per level, e.g. ./packages/*',
      },
    }
  }
  const places: PackagePlace[] = []
  let others = 0
  for (const directory of await matching(siteDir, entry, looks)) {
    if (!(await isFile(join(directory, 'package.yaml'), looks))) others++
    else
      places.push({
        root: await realpath(directory),
        shown: relative(siteDir, directory).split(sep).join('/') || '.',
      })
  }
  if (places.length > 0) return { places }
  const glob = entry.includes('*')
  const message =
    others === 0
      ? `${entry} is not there`
      : glob
        ? `no directory in ${entry} has a package.yaml`
        : `${entry} has no package.yaml`
  const advice = 'a package is a directory with package.yaml, roles/ and what the roles use'
  return { places, complaint: { serious: !glob, code: 'noPackage', message, advice } }
}

/** Directories that the path means, `*` standing for any name at its level. */
async function matching(siteDir: string, entry: string, looks: Looks | undefined): Promise<string[]> {
  let directories = [entry.startsWith('/') ? '/' : siteDir]
  for (const part of entry.split('/').filter((one) => one !== '' && one !== '.')) {
    const next: string[] = []
    for (const directory of directories) {
      if (!part.includes('*')) {
        next.push(resolve(directory, part))
        continue
      }
      looks?.names(directory)
      for (const name of await readdir(directory).catch(() => [])) {
        if (!name.startsWith('.') && matchesGlob(part, name)) next.push(join(directory, name))
      }
    }
    directories = next
  }
  const checked = await Promise.all(
    directories.map(async (path) => ((await isDirectory(path, looks)) ? path : undefined)),
  )
  return checked.filter((path) => path !== undefined).sort()
}

async function byName(
  entry: string,
  shippedPackages: string | undefined,
  looks: Looks | undefined,
): Promise<FoundPackages> {
  const [name = '', version] = entry.split('@')
  const serious = true
  if (!new RegExp(NAME_PATTERN).test(name) || entry.split('@').length > 2) {
    const message = `${JSON.stringify(entry)} is neither a path nor the name of a package`
    return {
      places: [],
      complaint: {
        serious,
        code: 'badPackageName',
        message,
        advice: 'a path begins with ./ or /, as in ./packages/*',
      },
    }
  }
  if (shippedPackages === undefined) {
    return {
      places: [],
      complaint: {
        serious,
        code: 'noPackage',
        message: `no packages come with this Anneal; ${name} is wanted`,
      },
    }
  }
  const shipped = await readdir(shippedPackages).catch(() => [])
  const root = join(shippedPackages, name)
  if (!(await isFile(join(root, 'package.yaml'), looks))) {
    const near = nearest(name, shipped)
    const advice =
      near !== undefined
        ? `did you mean ${near}?`
        : `there are: ${shipped.toSorted(byText).join(', ')}; a package of your own is named by its path, ./packages/${name}`
    return {
      places: [],
      complaint: { serious, code: 'noPackage', message: `no package ${name} comes with Anneal`, advice },
    }
  }
  if (version !== undefined) {
    const found = await versionOf(root, looks)
    if (found !== version && !found.startsWith(`${version}.`)) {
      const message = `${name} is here in version ${found}; ${version} is wanted`
      return {
        places: [],
        complaint: {
          serious,
          code: 'otherVersion',
          message,
          advice: `say ${name}@${found}, or use the Anneal that brings ${entry}`,
        },
      }
    }
  }
  return { places: [{ root: await realpath(root), shown: root }] }
}

async function versionOf(root: string, looks: Looks | undefined): Promise<string> {
  const source = await readSource(join(root, 'package.yaml'), 'package.yaml', looks)
  const yaml = source.ok ? readYaml(source.value) : undefined
  const version = yaml?.ok === true ? (yaml.document.value as JsonObject | null)?.['version'] : undefined
  return typeof version === 'string' ? version : '?'
}

async function isFile(path: string, looks: Looks | undefined): Promise<boolean> {
  looks?.place(path)
  return (await stat(path).catch(() => undefined))?.isFile() === true
}

async function isDirectory(path: string, looks: Looks | undefined): Promise<boolean> {
  looks?.place(path)
  return (await stat(path).catch(() => undefined))?.isDirectory() === true
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1
}
