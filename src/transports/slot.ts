// A slot: the name under which a far end keeps what is ours, so that a new session ends what an earlier one left.
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOfBytes } from '../base/digest.ts'

/**
 * One for each site and node. Two sites may share a login without ending each other's work, and nodes that share a home
 * directory do not take each other's processes for their own.
 */
export function slotOf(owner: string, node: string): string {
  return `s${digestOfBytes(`${owner}\n${node}`).slice(0, 20)}`
}

/** A word that is this site's alone, made when there is none yet: two sites at one path on two machines are two owners. */
export function ownerOf(siteDir: string): string {
  const directory = join(siteDir, '.anneal')
  const path = join(directory, 'owner')
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    writeFileSync(path, `${randomUUID()}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(path, 'utf8').trim()
}
