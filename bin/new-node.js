// Finds a Node that is new enough: this one, or the one that came with the npm packages.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isNewEnough, OLDEST } from './new-enough.js'

/** A path, or undefined. */
export function newNode(home) {
  if (isNewEnough(process.version)) return process.execPath
  const pinned = pinnedNode(home)
  return existsSync(pinned) && isNewEnough(versionOf(pinned).version) ? pinned : undefined
}

/** The same at once, by what its package says of it: whether it starts is seen when it does. */
export function newNodeBrought(home) {
  if (isNewEnough(process.version)) return process.execPath
  const pinned = pinnedNode(home)
  const about = join(dirname(dirname(pinned)), 'package.json')
  return existsSync(about) && isNewEnough(JSON.parse(readFileSync(about, 'utf8')).version)
    ? pinned
    : undefined
}

/** Where `newNode` gives none: what is so, and what to do. */
export function whyNoNode(home) {
  const pinned = pinnedNode(home)
  const brought = existsSync(pinned)
    ? `the one that came for ${process.platform} ${process.arch} does not start here (${versionOf(pinned).fault})`
    : `npm has none for ${process.platform} ${process.arch}`
  return `Anneal needs Node ${OLDEST.join('.')} or newer. This is ${process.version}, and ${brought}. Install Node 24 and run the same command again.`
}

function pinnedNode(home) {
  return join(home, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
}

function versionOf(file) {
  const { error, stdout, stderr } = spawnSync(file, ['--version'], { encoding: 'utf8' })
  return {
    version: (stdout ?? '').trim(),
    fault: error?.message ?? ((stderr ?? '').trim().split('\n')[0] || 'it says nothing'),
  }
}
