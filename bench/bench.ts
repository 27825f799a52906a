// The one entry to all benches: `npm run bench -- NAME [--rounds N] [--only TEXT] [...]`; without a name it lists them.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Bench } from './harness/question.ts'
import { runBench } from './harness/run-bench.ts'

interface Entry {
  about: string
  /** A module without `bench` is a program of its own, which has run once it is loaded. */
  load(): Promise<{ bench?: Bench }>
}

const BENCHES: Readonly<Record<string, Entry>> = {
  annealer: {
    about: 'what the heart costs from nothing to rest, and per change [NODE-ROLES ...]',
    load: () => import('./annealer.ts'),
  },
  cycle: {
    about:
      'ten roles on lab hosts beside Ansible, Mitogen, ClusterShell, ssh [--hosts N] [--without CONTESTANT] [--kex NAME] [--keep]',
    load: () => import('./cycle/cycle.ts'),
  },
  board: { about: 'a fleet as letters and as text for the wire [NODES]', load: () => import('./board.ts') },
  order: {
    about: 'makespans over their lower bound: our ranks, depth order, lock-step',
    load: () => import('./order/order.ts'),
  },
  engine: {
    about: 'the engine at 1,000 to 1,000,000 node-roles [NODE-ROLES ...] [SHAPE ...]',
    load: () => import('./engine/engine.ts'),
  },
  cli: {
    about: 'how long the command line takes to say something, alone and of a server with a large fleet',
    load: () => import('./cli/cli.ts'),
  },
  phases: {
    about: 'where the time of one command goes, phase by phase, from profiles of it',
    load: () => import('./cli/phases.ts'),
  },
  journal: { about: 'events a second written and replayed', load: () => import('./journal.ts') },
  predict: {
    about:
      'how near predictions of simulate come to changes of lab hosts [--at DIR] [--minutes N] [--again] [--down]',
    load: () => import('./predict.ts'),
  },
  runners: {
    about: 'runs carried by processes of their own over HTTP [--runners N] [--slots N]',
    load: () => import('./runners/runners.ts'),
  },
  page: {
    about: 'the page in Chromium on a real server of a made-up fleet [NODES] [MINUTES of memory]',
    load: () => import('./page/page.ts'),
  },
}

const [name, ...args] = process.argv.slice(2)
const entry = name === undefined || !Object.hasOwn(BENCHES, name) ? undefined : BENCHES[name]
if (name === undefined || entry === undefined) {
  const width = Math.max(...Object.keys(BENCHES).map((each) => each.length))
  if (name !== undefined) process.stderr.write(`bench: there is no bench ${JSON.stringify(name)}\n`)
  for (const [each, { about }] of Object.entries(BENCHES)) console.log(`${each.padEnd(width)}  ${about}`)
  process.exitCode = name === undefined ? 0 : 5
} else {
  process.argv = [process.argv[0] as string, import.meta.filename, ...args]
  // Commands are measured as operators have them.
  execFileSync(process.execPath, [join(import.meta.dirname, '..', 'bin', 'make-bundle.js')], {
    stdio: 'inherit',
  })
  const { bench } = await entry.load()
  if (bench !== undefined) await runBench(name, bench, args)
}
