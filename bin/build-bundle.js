// Builds the program as one file into dist when what it is made of has changed since, and does nothing where it has not.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from './child.js'
import { freshBundle } from './fresh-bundle.js'

/** Gives an exit code; other than 0, the reason has been said. */
export async function buildBundle(home, node, say) {
  if (freshBundle(home, true) !== undefined) return 0
  say(
    existsSync(join(home, 'dist', 'made.json'))
      ? 'Building the program into dist: its sources have changed since it was built ...'
      : 'Building the program into dist: it was not built yet ...',
  )
  const built = await runChild(node, [join(home, 'bin', 'make-bundle.js')], {
    cwd: home,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (built.interrupted) return 130
  if (built.code !== 0) say('The program could not be built; it runs from its sources, and starts slower.')
  return built.code ?? 1
}
