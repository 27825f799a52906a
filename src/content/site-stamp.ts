// A stamp of a site's files: another one when any of them was written, came or went; cheap enough to ask every few seconds.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '../base/digest.ts'
import { filesBelow } from './files.ts'

const MOST_FILES = 20_000

/** All below the directory, and `files` that the site was read from wherever they are. */
export async function siteStamp(directory: string, files: readonly string[]): Promise<string> {
  const below = (await filesBelow(directory, MOST_FILES)).map((path) => join(directory, path))
  const paths = [...new Set([...below, ...files])].sort()
  const lines: string[] = []
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined)
    lines.push(found ? `${path} ${found.ino} ${found.size} ${found.mtimeMs}` : path)
  }
  return digestOf(lines)
}
