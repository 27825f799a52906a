// Builds the page into web/dist when what it is made of has changed since, and does nothing where it has not.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from './child.js'

/** What the page is made of; its packages are those of the lock. */
const SOURCES = ['web', 'src/base', 'src/model', 'src/client', 'package-lock.json', 'tsconfig.base.json']

/** Gives an exit code; other than 0, the reason has been said. */
export async function buildPage(home, node, say) {
  const made = digestOf(home)
  // Written last, so that a build that was cut short is made anew.
  const mark = join(home, 'web', 'dist', '.built')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === made) return 0
  say(
    existsSync(mark)
      ? 'Building the page into web/dist: its sources have changed since it was built ...'
      : 'Building the page into web/dist: it was not built yet ...',
  )
  const vite = join(home, 'node_modules', 'vite', 'bin', 'vite.js')
  const built = await runChild(node, [vite, 'build', join(home, 'web'), '--logLevel', 'warn'], {
    cwd: home,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (built.interrupted) return 130
  if (built.code !== 0) {
    say('The page could not be built; what Vite said stands above. All else works without it.')
    return built.code ?? 1
  }
  writeFileSync(mark, made)
  return 0
}

function digestOf(home) {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    for (const path of filesOf(home, source)) hash.update(`${path}\0`).update(readFileSync(join(home, path)))
  }
  return hash.digest('hex')
}

/** In the same order each time, without what is built and without tests. */
function filesOf(home, path) {
  if (/^web\/dist$|\.test\.tsx?$|\/node_modules$/.test(path)) return []
  let entries
  try {
    entries = readdirSync(join(home, path))
  } catch {
    return [path]
  }
  return entries.sort().flatMap((entry) => filesOf(home, `${path}/${entry}`))
}
