// A heart that is driven: all nodes are reached and all runs succeed, so many at a time, until nothing moves.
import { isAtRest, whatIsDue } from '../../src/annealer/due.ts'
import { turn } from '../../src/annealer/turn.ts'
import { newWorld, type World } from '../../src/annealer/world.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Command } from '../../src/model/command.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import type { Site } from '../../src/model/site.ts'

export interface Heart {
  world: World
  now: number
  events: number
  visited: number
  runs: number
}

/** Reports that come in together. */
const BATCH = 500

export function newHeart(): Heart {
  const heart: Heart = { world: newWorld(makeLanguage()), now: 1, events: 0, visited: 0, runs: 0 }
  tell(heart, [{ kind: 'startSession', by: 'bench' }])
  return heart
}

export function tell(heart: Heart, commands: Command[]): void {
  const made = turn(heart.world, commands, heart.now++)
  const refused = made.answers.find((given) => !given.ok)
  if (refused && !refused.ok) throw new Error(refused.refusal.message)
  heart.events += made.events.length
  heart.visited += made.visited
}

export function propose(heart: Heart, site: Site): void {
  tell(heart, [{ kind: 'proposeRevision', site, author: 'bench', message: '' }])
}

export function commit(heart: Heart): void {
  const revision = heart.world.revisions.size
  tell(heart, [{ kind: 'commitRevision', revision, onto: heart.world.head, author: 'bench', message: '' }])
}

export function drive(heart: Heart): void {
  while (!isAtRest(heart.world)) {
    const { runs, contacts } = whatIsDue(heart.world)
    const commands = contacts.map(({ name }) => contactOf(name, { ip: name }))
    for (const { run, token, nodeRole } of runs) {
      if (commands.length >= BATCH) break
      heart.runs++
      commands.push({ kind: 'reportRun', run, token, outcome: doneAs({ key: nodeRole }) })
    }
    tell(heart, commands)
  }
}

export function contactOf(node: string, facts: JsonObject): Command {
  return { kind: 'reportContact', node, outcome: { result: 'reached', facts } }
}

export function doneAs(outputs: JsonObject): RunOutcome {
  return { result: 'ok', outputs, filesChanged: [], durationMs: 10 }
}
