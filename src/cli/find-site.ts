// Finds the site's directory: where it was said to be, or the nearest one upwards that holds anneal.yaml.
import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const SITE_FILE = 'anneal.yaml'

export type FoundSite = { ok: true; directory: string } | { ok: false; says: string; next?: string }

export function findSite(given: string | undefined, cwd: string): FoundSite {
  return given === undefined ? upwards(cwd) : exactly(given, resolve(cwd, given))
}

function exactly(given: string, path: string): FoundSite {
  const directory = path.endsWith(`/${SITE_FILE}`) ? dirname(path) : path
  if (existsSync(join(directory, SITE_FILE))) return { ok: true, directory }
  return {
    ok: false,
    says: whyNot(given, directory),
    next: `-C takes the directory that holds ${SITE_FILE}`,
  }
}

function whyNot(given: string, directory: string): string {
  try {
    const isDirectory = statSync(directory, { throwIfNoEntry: false })?.isDirectory() ?? false
    return isDirectory ? `there is no ${SITE_FILE} in ${given}` : `there is no directory ${given}`
  } catch (error) {
    // A name that is too long, links in a circle, a directory that is not for us.
    return `the directory ${given} cannot be looked at: ${(error as NodeJS.ErrnoException).code}`
  }
}

function upwards(cwd: string): FoundSite {
  for (let directory = cwd; ; directory = dirname(directory)) {
    if (existsSync(join(directory, SITE_FILE))) return { ok: true, directory }
    if (directory === dirname(directory)) break
  }
  return {
    ok: false,
    says: `there is no ${SITE_FILE} in ${cwd} or above it`,
    next: `go to a site's directory, or name it with -C`,
  }
}
