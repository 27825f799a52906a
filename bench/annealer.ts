// What the heart costs: node-roles a second from nothing to rest, and what one change costs then. Run: npm run bench -- annealer
import { cpus } from 'node:os'
import { diffSite } from '../src/annealer/diff.ts'
import { isAtRest, whatIsDue } from '../src/annealer/due.ts'
import { restoreSnapshot, takeSnapshot } from '../src/annealer/snapshot.ts'
import { turn } from '../src/annealer/turn.ts'
import { newWorld, type World } from '../src/annealer/world.ts'
import type { Json, JsonObject } from '../src/base/json.ts'
import { makeLanguage } from '../src/content/language.ts'
import type { Command } from '../src/model/command.ts'
import type { Site } from '../src/model/site.ts'
import { changed, readShortSite, shortSite } from '../test/support/short-site.ts'

const ROUNDS = 3
const ROLES_PER_NODE = 10
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 10_000, 100_000]
/** Reports that come in together. */
const BATCH = 500

/** A chain of roles on each node, one that says a value, one role that reads all of them, and a lock that few may hold. */
const short = readShortSite(`
nodes: {}
roles:
  base: {}
  packages: { requires: [base] }
  users: { requires: [base] }
  net: { requires: [base], inputs: { ip: { fact: ip } }, outputs: { address: { value: inputs.ip } } }
  store: { requires: [packages, net], outputs: { key: } }
  mesh: { requires: [net], inputs: { all: { from: net.address, take: map, wait: known } } }
  app: { requires: [store, users], inputs: { key: { from: store.key }, port: 1 } }
  cache: { requires: [app], locks: [{ of: site, name: rack, capacity: 50 }] }
  proxy: { requires: [app], after: [cache] }
  watch: { requires: [proxy, mesh] }
deployments:
  d: { roles: [base, packages, users, net, store, mesh, app, cache, proxy, watch] }
`)

console.log(`node ${process.version}, ${process.arch}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`)
console.log(`median of ${ROUNDS} rounds`)
console.log(
  'node-roles  to rest/s   events  visited   diff ms  change ms  one fact ms  idle ms  snapshot  restart ms',
)
for (const size of SIZES) {
  const rounds = Array.from({ length: ROUNDS }, () => measure(size / ROLES_PER_NODE))
  const middle = (of: (round: Round) => number): number =>
    rounds.map(of).sort((a, b) => a - b)[ROUNDS >> 1] as number
  const { events, visited } = rounds[0] as Round
  const cells = [
    [String(size), 10],
    [Math.round((1_000 * size) / middle(({ restMs }) => restMs)).toLocaleString('en'), 11],
    [String(events), 9],
    [String(visited), 9],
    [middle(({ diffMs }) => diffMs).toFixed(0), 10],
    [middle(({ changeMs }) => changeMs).toFixed(0), 11],
    [middle(({ factMs }) => factMs).toFixed(2), 13],
    [middle(({ idleMs }) => idleMs).toFixed(2), 9],
    [`${(middle(({ snapshotBytes }) => snapshotBytes) / 1e6).toFixed(1)} MB`, 10],
    [middle(({ restartMs }) => restartMs).toFixed(0), 12],
  ] as const
  console.log(cells.map(([text, width]) => text.padStart(width)).join(''))
}

interface Round {
  restMs: number
  events: number
  visited: number
  diffMs: number
  changeMs: number
  factMs: number
  idleMs: number
  snapshotBytes: number
  restartMs: number
}

function measure(nodes: number): Round {
  const names = Array.from({ length: nodes }, (_, i) => `n${i}`)
  const site = changed(short, { nodes: Object.fromEntries(names.map((name) => [name, {}])) })
  const heart: Heart = { world: newWorld(makeLanguage()), now: 1, events: 0, visited: 0 }
  tell(heart, [{ kind: 'startSession', by: 'bench' }])
  const restMs = timed(() => {
    commit(heart, shortSite(site))
    drive(heart)
  })
  const { events, visited } = heart
  const other = shortSite(changed(site, { roles: { app: { inputs: { port: 2 } } } }))
  const diffMs = timed(() => diffSite(heart.world, other))
  const changeMs = timed(() => {
    commit(heart, other)
    drive(heart)
  })
  const factMs = timed(() => {
    tell(heart, [contact('n0', { ip: 'n0', uptime: 1 })])
    drive(heart)
  })
  const idleMs = timed(() => tell(heart, [{ kind: 'tick' }]))
  const text = JSON.stringify(takeSnapshot(heart.world))
  const restartMs = timed(() => restoreSnapshot(JSON.parse(text) as Json, heart.world.language))
  return { restMs, events, visited, diffMs, changeMs, factMs, idleMs, snapshotBytes: text.length, restartMs }
}

interface Heart {
  world: World
  now: number
  events: number
  visited: number
}

function tell(heart: Heart, commands: Command[]): void {
  const made = turn(heart.world, commands, heart.now++)
  const refused = made.answers.find((given) => !given.ok)
  if (refused && !refused.ok) throw new Error(refused.refusal.message)
  heart.events += made.events.length
  heart.visited += made.visited
}

function commit(heart: Heart, site: Site): void {
  const revision = heart.world.revisions.size + 1
  const who = { author: 'bench', message: '' }
  tell(heart, [{ kind: 'proposeRevision', site, ...who }])
  tell(heart, [{ kind: 'commitRevision', revision, onto: heart.world.head, ...who }])
}

/** All is reached and everything succeeds, so many at a time, until rest. */
function drive(heart: Heart): void {
  while (!isAtRest(heart.world)) {
    const { runs, contacts } = whatIsDue(heart.world)
    const commands = contacts.map(({ name }) => contact(name, { ip: name }))
    for (const { run, token, nodeRole } of runs) {
      if (commands.length >= BATCH) break
      const outputs: JsonObject = { key: nodeRole }
      const outcome = { result: 'ok', outputs, filesChanged: [] as string[], durationMs: 10 } as const
      commands.push({ kind: 'reportRun', run, token, outcome })
    }
    tell(heart, commands)
  }
}

function contact(node: string, facts: JsonObject): Command {
  return { kind: 'reportContact', node, outcome: { result: 'reached', facts } }
}

function timed(work: () => void): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}
