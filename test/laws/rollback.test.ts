// Law of going back: whatever was committed in between, an earlier revision proposed again gives the same digests bit for bit.
import { seedOr } from '../support/seed.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { whatIsDue } from '../../src/annealer/due.ts'
import { canonical } from '../../src/base/canonical.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Command } from '../../src/model/command.ts'
import { type Heart, newHeart, tell } from '../support/heart.ts'
import { changed, readShortSite, shortSite } from '../support/short-site.ts'
import { contact, okWith, report } from './random-history.ts'
import { anyChange, anySite } from './random-site.ts'

const seed = seedOr(20_261_125)
const numRuns = Number(process.env['ANNEAL_RUNS'] ?? 60)
const WHO = { author: 'ann', message: '' }

test('after three commits the digests of the first one are back, of roles and of bindings', () => {
  const short = readShortSite(`
nodes: { n1: { tier: a }, n2: { tier: b } }
roles:
  ca: { outputs: { key: {} } }
  db: { inputs: { port: 1, key: { from: ca.key } }, outputs: { address: { value: node.facts.ip } }, remove: true }
  web: { inputs: { all: { from: db.address, take: map } } }
deployments: { d: { roles: [{ role: ca, nodes: [n1] }, db, web] } }
`)
  const heart = begun(short)
  const before = digestsOf(heart)
  expect(before.map(([id]) => id)).toEqual(['d/n1/ca', 'd/n1/db', 'd/n1/web', 'd/n2/db', 'd/n2/web'])
  let site = short
  for (const change of [
    { roles: { db: { inputs: { port: 2 } } } },
    { nodes: { n3: {} }, deployments: { d: { values: { db: { port: 7 } } } } },
    { nodes: { n2: null }, roles: { web: { check: true } } },
  ]) {
    site = changed(site, change)
    commit(heart, site)
    expect(digestsOf(heart)).not.toEqual(before)
  }
  goBack(heart, 1)
  expect(digestsOf(heart)).toEqual(before)
})

/** What is bound may rest on what ran meanwhile (`once`, `wait: known`); what was locked does not. */
test('whatever else was committed, the target and the digests of its roles are back', () => {
  const changes = fc.array(anyChange, { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(anySite, changes, (short, later) => {
      const heart = begun(short)
      if (heart.world.head === 0) return
      const [before, target] = [locked(heart), canonical(heart.world.target as unknown as Json)]
      let site = short
      for (const change of later) {
        site = changed(site, change)
        commit(heart, site)
      }
      goBack(heart, 1)
      expect(canonical(heart.world.target as unknown as Json)).toBe(target)
      expect(locked(heart)).toEqual(before)
    }),
    { seed, numRuns },
  )
})

function begun(short: JsonObject): Heart {
  const heart = newHeart(makeLanguage())
  tell(heart, { kind: 'startSession', by: 'ann' })
  commit(heart, short)
  return heart
}

/** A site that is refused leaves all as it is. */
function commit(heart: Heart, site: JsonObject): void {
  const revision = nextRevision(heart)
  tell(
    heart,
    { kind: 'proposeRevision', site: shortSite(site), ...WHO },
    { kind: 'commitRevision', revision, onto: heart.world.head, ...WHO },
  )
  drive(heart)
}

function goBack(heart: Heart, to: number): void {
  const revision = nextRevision(heart)
  const { answers } = tell(
    heart,
    { kind: 'rollbackRevision', revision: to, ...WHO },
    { kind: 'commitRevision', revision, onto: heart.world.head, ...WHO },
  )
  expect(answers.map(({ ok }) => ok)).toEqual([true, true])
  drive(heart)
}

function nextRevision({ world }: Heart): number {
  return Math.max(0, ...world.revisions.keys()) + 1
}

/** Everybody says of the same the same, so that what differs is what was committed. */
function drive(heart: Heart): void {
  for (let round = 0; round < 200; round++) {
    const { runs, contacts } = whatIsDue(heart.world)
    const commands: Command[] = [...runs].map((record) =>
      report(record, okWith({ key: record.nodeRole, late: record.nodeRole })),
    )
    commands.push(...contacts.map(({ name }) => contact(name, { a: 1, b: 2, ip: `10.0.0.${name}` })))
    if (commands.length === 0) return
    tell(heart, ...commands)
  }
  expect.unreachable('it comes to rest')
}

function locked(heart: Heart): unknown {
  return digestsOf(heart).map(([id, role]) => [id, role])
}

/** Of each node-role its role's digest and that of its binding, and that of its last success. */
function digestsOf({ world }: Heart): [string, ...(string | null)[]][] {
  return [...world.nodeRoles.values()]
    .filter(({ leaving }) => !leaving)
    .map(({ id, group, digest = null, success }): [string, ...(string | null)[]] => [
      id,
      group.role.digest,
      digest,
      digest === null ? null : (success?.digest ?? null),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
