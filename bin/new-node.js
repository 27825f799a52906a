// Finds a Node that is new enough: this one, or the one that came with the npm packages.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const OLDEST = [24, 15]

/** A path, or undefined. */
export function newNode(home) {
  if (isNewEnough(process.version)) return process.execPath
  const pinned = join(home, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (!existsSync(pinned)) return undefined
  const version = spawnSync(pinned, ['--version'], { encoding: 'utf8' }).stdout ?? ''
  return isNewEnough(version.trim()) ? pinned : undefined
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}
