// Brings the npm packages of package-lock.json into node_modules, and does nothing where they are there already.
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from './child.js'
import { newNode } from './new-node.js'

/**
 * Whatever the npm of this machine is told: with what tests need, with Node, without running anything that a package
 * brings, and without a complaint that this Node is too old for some (the new one is among them). Retries last half a minute.
 */
const WAY =
  '--include=dev --include=optional --ignore-scripts --engine-strict=false --no-audit --no-fund --no-update-notifier --loglevel=error ' +
  '--fetch-retries=3 --fetch-retry-mintimeout=2000 --fetch-retry-maxtimeout=10000'

/** Gives an exit code; other than 0, the reason has been said. */
export async function installNpmPackages(home, say) {
  const lock = createHash('sha256')
    .update(readFileSync(join(home, 'package-lock.json')))
    .digest('hex')
  // Written last, so that an installation that was cut short is made anew. It holds for one kind of machine.
  const mark = join(home, 'node_modules', '.installed')
  const made = `${lock} ${process.platform} ${process.arch}`
  if (existsSync(mark) && readFileSync(mark, 'utf8') === made && newNode(home)) return 0
  if (isLink(join(home, 'node_modules'))) {
    say('node_modules is a link: npm would first empty the directory that it leads to, which others may use.')
    say('Install there, in the directory itself, or remove the link and run the same command again.')
    return 1
  }
  say('Installing the npm packages of package-lock.json into node_modules; Node 24 is one of them ...')
  const npm = await runChild('npm', ['ci', ...WAY.split(' ')], {
    cwd: home,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (npm.interrupted) return 130
  if (npm.fault) {
    say(
      `npm did not start (${npm.fault.message}). Install npm, which comes with Node, and run the same command again.`,
    )
    return 1
  }
  if (npm.code !== 0) {
    say(
      'npm could not install them; what it said stands above. It needs a package registry: `npm config get registry` says',
    )
    say(
      'which one is set, `npm ping` whether it answers. Then run the same command again; it begins anew where it was cut off.',
    )
    return 1
  }
  writeFileSync(mark, made)
  return 0
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}
