// Laws of rollouts, against a model that knows nothing of the heart: who meets a change, and who is left alone.
import { seedOr } from '../support/seed.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAtRest, whatIsDue } from '../../src/annealer/due.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Command } from '../../src/model/command.ts'
import type { RunOutcome } from '../../src/model/run.ts'
import {
  expectSameAfterReplay,
  expectSameFromScratch,
  type Heart,
  newHeart,
  restart,
  tell,
} from '../support/heart.ts'
import { changed, shortSite } from '../support/short-site.ts'
import { contact, okWith } from './random-history.ts'

const asked = process.env['ANNEAL_RUNS']
/** Who asks for a number gets all of them. */
const limits = asked === undefined ? { interruptAfterTimeLimit: 30_000 } : {}
const seed = seedOr(20_261_125)
const language = makeLanguage()

interface Fleet {
  /** Nodes of each variant. */
  sizes: number[]
  probe: number
  then: string[]
  tolerate: number
  /** Per change the nodes on which it fails, by number. */
  changes: number[][]
  restarts: boolean
}

const anyFleet: fc.Arbitrary<Fleet> = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
  probe: fc.integer({ min: 1, max: 3 }),
  // oxlint-disable-next-line unicorn/no-thenable -- the word of the format; nothing awaits it
  then: fc.constantFrom([], ['50%'], ['25%', '75%'], ['1', '2'], ['1', '50%']),
  tolerate: fc.nat(2),
  changes: fc.array(fc.uniqueArray(fc.nat(17), { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
  restarts: fc.boolean(),
})

test('a change meets those that the steps let through, and no others', {
  timeout: asked === undefined ? 300_000 : 0,
}, () => {
  fc.assert(
    fc.property(anyFleet, (fleet) => {
      const names = nodesOf(fleet)
      const site = siteOf(fleet)
      const heart = newHeart(language)
      tell(heart, { kind: 'startSession', by: 'ann' })
      carryOut(heart, site, new Set())
      expectAllActive(heart)
      for (const [index, failing] of fleet.changes.entries()) {
        const bad = new Set(failing.flatMap((number) => names.flat()[number] ?? []))
        const change = changed(site, { roles: { web: { inputs: { threads: index + 2 } } } })
        const met = carryOut(heart, change, bad, fleet.restarts)
        expect(met).toEqual(names.flatMap((nodes) => modelOf(fleet, nodes, bad)).sort())
        expectSameAfterReplay(heart)
        expectSameFromScratch(heart.world)
        carryOut(heart, site, new Set())
        expectAllActive(heart)
        expect(heart.world.rollouts.size).toBe(0)
      }
    }),
    { seed, numRuns: Number(asked ?? 60), ...limits },
  )
})

/** Steps one after the other, until more have failed than may. */
function modelOf(
  { probe, then, tolerate }: Fleet,
  nodes: readonly string[],
  bad: ReadonlySet<string>,
): string[] {
  const shares = [`${probe}`, ...then, '100%']
  let through = 0
  for (const share of shares) {
    const target = share.endsWith('%')
      ? Math.ceil((nodes.length * Number.parseInt(share)) / 100)
      : through + Number(share)
    through = Math.min(nodes.length, Math.max(through, target))
    if (nodes.slice(0, through).filter((node) => bad.has(node)).length > tolerate) break
  }
  return nodes.slice(0, through)
}

/** Commits, and lets everything run to rest; answers on which nodes anything ran. */
function carryOut(heart: Heart, site: JsonObject, bad: ReadonlySet<string>, restarts = false): string[] {
  const before = heart.recorded.length
  const revision = heart.world.revisions.size + 1
  const who = { author: 'ann', message: '' }
  tell(
    heart,
    { kind: 'proposeRevision', site: shortSite(site), ...who },
    { kind: 'commitRevision', revision, onto: heart.world.head, ...who },
  )
  for (let turns = 0; ; turns++) {
    expect(turns).toBeLessThan(500)
    const { runs, contacts } = whatIsDue(heart.world)
    const [first] = [...runs]
    // One at a time, so that steps meet all orders in which their members can end.
    const commands: Command[] = first
      ? [{ kind: 'reportRun', run: first.run, token: first.token, outcome: outcomeOn(first.nodeRole, bad) }]
      : contacts.map(({ name }) => contact(name, { kernel: name[0] as string }))
    if (commands.length === 0) break
    tell(heart, ...commands)
    if (restarts && turns === 3) {
      restart(heart)
      tell(heart, { kind: 'startSession', by: 'ann' })
    }
  }
  expect(isAtRest(heart.world)).toBe(true)
  const started = heart.recorded
    .slice(before)
    .flatMap(({ event }) => (event.kind === 'runStarted' ? [event.nodeRole.split('/')[1] as string] : []))
  return [...new Set(started)].sort()
}

function outcomeOn(nodeRole: string, bad: ReadonlySet<string>): RunOutcome {
  if (!bad.has(nodeRole.split('/')[1] as string)) return okWith({})
  return { result: 'failed', exit: 1, message: 'no', tail: '', retry: false, durationMs: 1 }
}

function nodesOf({ sizes }: Fleet): string[][] {
  return sizes.map((size, variant) => Array.from({ length: size }, (_, index) => `${'abc'[variant]}${index}`))
}

function siteOf(fleet: Fleet): JsonObject {
  const { probe, then, tolerate } = fleet
  return {
    nodes: Object.fromEntries(nodesOf(fleet).flatMap((nodes) => nodes.map((node) => [node, {}]))),
    roles: { web: { inputs: { threads: 1, kernel: { fact: 'kernel' } } } },
    deployments: {
      // oxlint-disable-next-line unicorn/no-thenable -- the word of the format; nothing awaits it
      d: { roles: [{ role: 'web', rollout: { probe, then, tolerate } }] },
    },
  }
}

function expectAllActive({ world }: Heart): void {
  for (const { id, state } of world.nodeRoles.values()) expect(state, id).toBe('active')
}
