// What the board costs: a fleet as letters, grouped or not, and as text for the wire. Run: npm run bench -- board [nodes]
import { cpus } from 'node:os'
import { isAtRest, whatIsDue } from '../src/annealer/due.ts'
import { turn } from '../src/annealer/turn.ts'
import { type BoardFilter, viewBoard } from '../src/annealer/view-board.ts'
import { viewStatus } from '../src/annealer/view.ts'
import { newWorld, type World } from '../src/annealer/world.ts'
import { makeLanguage } from '../src/content/language.ts'
import type { Command } from '../src/model/command.ts'
import { changed, readShortSite, shortSite } from '../test/support/short-site.ts'

const NODES = Number(process.argv[2] ?? 10_000)
const ROLES = 20
const ROUNDS = 7

const short = readShortSite(`
nodes: {}
roles: { ${Array.from({ length: ROLES }, (_, i) => `r${i}: {}`).join(', ')} }
deployments: { d: { roles: [${Array.from({ length: ROLES }, (_, i) => `r${i}`).join(', ')}] } }
`)

const world = fleet()
console.log(`node ${process.version}, ${process.arch}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`)
console.log(
  `${world.nodeRoles.size} node-roles on ${NODES} nodes, processor time, median of ${ROUNDS} rounds`,
)
measure('board', {})
measure('board of errors alone', { state: ['error'] })
measure('board by rack', { group: 'rack' })
measure('board by variant', { group: 'variant', role: ['r1'] })
measure('board by role', { group: 'role', role: ['r1', 'r2'] })
const status = timed(() => viewStatus(world))
console.log(`status, for comparison           ${status.ms.toFixed(1).padStart(8)} ms`)

function measure(name: string, filter: BoardFilter): void {
  const made = timed(() => viewBoard(world, 1, filter))
  const text = timed(() => JSON.stringify(made.value))
  const bytes = `${(text.value.length / 1e6).toFixed(2)} MB`
  console.log(
    `${name.padEnd(32)} ${made.ms.toFixed(1).padStart(8)} ms ${text.ms.toFixed(1).padStart(8)} ms as text, ${bytes}`,
  )
}

function timed<T>(work: () => T): { ms: number; value: T } {
  const times: number[] = []
  let value = work()
  for (let round = 0; round < ROUNDS; round++) {
    // The processor's own time: what else runs on the machine is not counted.
    const began = process.cpuUsage()
    value = work()
    const { user, system } = process.cpuUsage(began)
    times.push((user + system) / 1_000)
  }
  return { ms: times.sort((a, b) => a - b)[ROUNDS >> 1] as number, value }
}

/** All is active but for what failed on some nodes. */
function fleet(): World {
  const here = newWorld(makeLanguage())
  const names = Array.from({ length: NODES }, (_, i) => `n${i}`)
  const nodes = Object.fromEntries(names.map((name, i) => [name, { rack: `rack-${i % 200}` }]))
  const site = shortSite(changed(short, { nodes }))
  const who = { author: 'bench', message: '' }
  let now = 1
  const tell = (commands: Command[]): void => void turn(here, commands, now++)
  tell([{ kind: 'startSession', by: 'bench' }])
  tell([{ kind: 'proposeRevision', site, ...who }])
  tell([{ kind: 'commitRevision', revision: 1, onto: 0, ...who }])
  while (!isAtRest(here)) {
    const { runs, contacts } = whatIsDue(here)
    const commands: Command[] = contacts.map(({ name }, i) => ({
      kind: 'reportContact',
      node: name,
      outcome: { result: 'reached', facts: { cores: i % 4 } },
    }))
    for (const { run, token, nodeRole } of runs) {
      const fails = nodeRole.endsWith('7/r3')
      commands.push({
        kind: 'reportRun',
        run,
        token,
        outcome: fails
          ? { result: 'failed', message: 'no', tail: '', retry: false, durationMs: 1 }
          : { result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 },
      })
    }
    if (commands.length === 0) break
    tell(commands)
  }
  return here
}
