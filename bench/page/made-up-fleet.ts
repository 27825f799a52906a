// A fleet that is made up, and its past: a journal in which all of it was applied once, written by the heart itself.
import { isAtRest, whatIsDue } from '../../src/annealer/due.ts'
import { SNAPSHOT_VERSION } from '../../src/annealer/snapshot-shape.ts'
import { takeSnapshot } from '../../src/annealer/snapshot.ts'
import { turn } from '../../src/annealer/turn.ts'
import { newWorld } from '../../src/annealer/world.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Holder, JournalStore } from '../../src/journal/journal.ts'
import type { Command } from '../../src/model/command.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import type { Site } from '../../src/model/site.ts'
import { readShortSite, shortSite } from '../../test/support/short-site.ts'

export interface FleetSettings {
  nodes: number
  /** Of each node; four deployments share them. */
  roles: number
}

const DEPLOYMENTS = ['base', 'platform', 'storage', 'edge']
const AT_ONCE = 2_000

export function siteOf({ nodes, roles }: FleetSettings): Site {
  const rolesOf = (index: number): string[] =>
    Array.from({ length: roles }, (_, i) => i)
      .filter((i) => i % DEPLOYMENTS.length === index)
      .map((i) => `role-${String(i).padStart(2, '0')}`)
  const short = readShortSite('{ nodes: {}, roles: {}, deployments: {} }')
  const role = { inputs: { port: 1, address: { fact: 'ip' } } }
  return shortSite({
    ...short,
    nodes: Object.fromEntries(
      Array.from({ length: nodes }, (_, i) => [
        `n${String(i + 1).padStart(5, '0')}`,
        { rack: `rack-${String(Math.floor(i / 40) + 1).padStart(3, '0')}` },
      ]),
    ),
    roles: Object.fromEntries(DEPLOYMENTS.flatMap((_, i) => rolesOf(i)).map((name) => [name, role])),
    deployments: Object.fromEntries(
      DEPLOYMENTS.map((name, i) => [name, { nodes: 'true', roles: rolesOf(i) }]),
    ),
  })
}

/** A journal in which all of it was applied once, by the heart itself; answers the node-roles. */
export async function keepPast(
  store: JournalStore,
  settings: FleetSettings,
  holder: Holder,
): Promise<string[]> {
  const opened = await store.openWriter(holder)
  if (!opened.ok) throw new Error(opened.refusal.message)
  const journal = opened.value
  const world = newWorld(makeLanguage())
  const who = { author: 'bench', message: 'all of it' }
  let now = Date.now() - 3_600_000
  const tell = async (commands: Command[]): Promise<void> => {
    const { events } = turn(world, commands, now++)
    if (events.length > 0) await journal.append(world.now, events)
  }
  await tell([{ kind: 'startSession', by: 'bench' }])
  await tell([{ kind: 'proposeRevision', site: siteOf(settings), ...who }])
  await tell([{ kind: 'commitRevision', revision: 1, onto: 0, ...who }])
  while (!isAtRest(world)) {
    const { runs, contacts } = whatIsDue(world)
    await tell([
      ...contacts.map(({ name }) => reached(name)),
      ...[...runs]
        .slice(0, AT_ONCE)
        .map(({ run, token }): Command => ({ kind: 'reportRun', run, token, outcome: DONE })),
    ])
  }
  await journal.putSnapshot({
    seq: await journal.head(),
    version: SNAPSHOT_VERSION,
    state: takeSnapshot(world),
  })
  const ids = [...world.nodeRoles.keys()]
  await journal.close()
  return ids
}

export function reached(node: string): Extract<Command, { kind: 'reportContact' }> {
  const facts: JsonObject = { ip: `10.0.0.${node}`, os: { name: 'debian' } }
  return { kind: 'reportContact', node, outcome: { result: 'reached', facts } }
}

const DONE: RunOutcome = { result: 'ok', changed: true, outputs: {}, filesChanged: [], durationMs: 400 }
