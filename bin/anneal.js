#!/usr/bin/env node
// Starts Anneal: in this process where its Node is new enough, else in the newer one that came with the npm packages.
// Plain JavaScript for any Node from 18 on.
import { spawn } from 'node:child_process'
import * as module from 'node:module'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newNodeBrought } from './new-node.js'

const self = fileURLToPath(import.meta.url)
const home = dirname(dirname(self))
const node = newNodeBrought(home)
if (node === process.execPath) {
  module.enableCompileCache()
  const { shortenImports } = await import('./short-imports.js')
  shortenImports()
  await import('../src/main.ts')
} else if (node === undefined) {
  process.stderr.write(
    `Anneal needs Node 24.15 or newer; this is ${process.version}, and none came with the npm packages for ` +
      `${process.platform} ${process.arch}.\n  next: npm ci in ${home}, or install Node 24\n`,
  )
  process.exitCode = 1
} else runWith(node)

/** The other Node gets our terminal, our signals and our words; it ends as we do. */
function runWith(newer) {
  const child = spawn(newer, [self, ...process.argv.slice(2)], { stdio: 'inherit' })
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
