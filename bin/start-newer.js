// Starts Anneal in the newer Node that came with the npm packages, and passes on how it ended.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newNodeBrought } from './new-node.js'

const home = dirname(dirname(fileURLToPath(import.meta.url)))

export function start() {
  const node = newNodeBrought(home)
  if (node !== undefined) return runWith(node)
  process.stderr.write(
    `Anneal needs Node 24.15 or newer; this is ${process.version}, and none came with the npm packages for ` +
      `${process.platform} ${process.arch}.\n  next: npm ci in ${home}, or install Node 24\n`,
  )
  process.exitCode = 1
}

/** The other Node gets our terminal, our signals and our words; it ends as we do. */
function runWith(newer) {
  const child = spawn(newer, process.argv.slice(1), { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both of us; kill(1) only to one. What comes twice within a moment counts once over there.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (fault) => {
    process.stderr.write(`anneal: could not start ${newer}: ${fault.message}\n`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}
