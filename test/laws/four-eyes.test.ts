// Four eyes in the heart: whose commit is refused, which deployments count, and that nobody turns the policy off alone.
import { expect, test } from 'vitest'
import { needsAnother } from '../../src/annealer/four-eyes.ts'
import { touchedBetween } from '../../src/annealer/touched.ts'
import { makeLanguage } from '../../src/content/language.ts'
import type { Refusal } from '../../src/model/refusal.ts'
import type { Site } from '../../src/model/site.ts'
import { expectSameAfterReplay, expectSameFromScratch, type Heart, newHeart, tell } from '../support/heart.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'

const SITE = `
nodes: { n1: , n2: , spare: }
roles: { db: { once: true, inputs: { size: 1 } }, web: { inputs: { port: 80 } }, log: }
deployments:
  base: { nodes: [n1, n2], roles: [log] }
  store: { parent: base, nodes: [n1], roles: [db] }
  shop: { nodes: [n2], roles: [web] }
`

/** `guarded`: the deployments that say four_eyes, or the whole site. */
function siteOf(guarded: readonly string[] | 'all', change: (site: Site) => void = () => {}): Site {
  const site = shortSite(readShortSite(SITE))
  if (guarded === 'all') site.policies = { fourEyes: true }
  else for (const name of guarded) deployment(site, name).policies = { fourEyes: true }
  change(site)
  return site
}

function deployment(site: Site, name: string): Site['deployments'][string] {
  return site.deployments[name] as Site['deployments'][string]
}

function begun(guarded: readonly string[] | 'all'): Heart {
  const heart = newHeart(makeLanguage())
  expect(proposed(heart, siteOf(guarded), 'ada')).toBe(1)
  expect(committed(heart, 1, 'bob')).toBeUndefined()
  return heart
}

function proposed(heart: Heart, site: Site, author: string): number {
  const [event] = tell(heart, { kind: 'proposeRevision', site, author, message: '' }).events
  return event?.kind === 'revisionProposed' ? event.revision : 0
}

function committed(heart: Heart, revision: number, author: string): Refusal | undefined {
  const onto = heart.world.head
  const [answered] = tell(heart, { kind: 'commitRevision', revision, onto, author, message: '' }).answers
  return answered?.ok === false ? answered.refusal : undefined
}

const port = (site: Site): void => void (deployment(site, 'shop').values = { web: { port: 81 } })
const size = (site: Site): void => void (deployment(site, 'store').values = { db: { size: 2 } })

test('who proposed it cannot commit it; somebody else can', () => {
  const heart = begun('all')
  const revision = proposed(heart, siteOf('all', port), 'ada')
  expect(committed(heart, revision, 'ada')).toMatchObject({
    code: 'fourEyes',
    deployments: ['shop'],
    revision: 2,
  })
  expect(committed(heart, revision, 'bob')).toBeUndefined()
  expect(heart.world.revisions.get(2)).toMatchObject({ author: 'bob', proposer: 'ada' })
  expectSameAfterReplay(heart)
  expectSameFromScratch(heart.world)
})

test('where only one deployment says so, the others are changed by one', () => {
  const heart = begun(['store'])
  expect(committed(heart, proposed(heart, siteOf(['store'], port), 'ada'), 'ada')).toBeUndefined()
  const change = (site: Site): void => (port(site), size(site))
  const refused = committed(heart, proposed(heart, siteOf(['store'], change), 'ada'), 'ada')
  expect(refused).toMatchObject({ code: 'fourEyes', deployments: ['store'] })
})

test('nobody turns it on or off alone', () => {
  const heart = begun([])
  expect(committed(heart, proposed(heart, siteOf(['shop']), 'ada'), 'ada')?.code).toBe('fourEyes')
  expect(committed(heart, proposed(heart, siteOf(['shop']), 'ada'), 'bob')).toBeUndefined()
  expect(committed(heart, proposed(heart, siteOf([]), 'ada'), 'ada')?.code).toBe('fourEyes')
  expect(committed(heart, proposed(heart, siteOf([]), 'ada'), 'bob')).toBeUndefined()
})

test('a rollback is a proposal like any other', () => {
  const heart = begun('all')
  expect(committed(heart, proposed(heart, siteOf('all', port), 'ada'), 'bob')).toBeUndefined()
  tell(heart, { kind: 'rollbackRevision', revision: 1, author: 'bob', message: '' })
  expect(committed(heart, 3, 'bob')?.code).toBe('fourEyes')
  expect(committed(heart, 3, 'ada')).toBeUndefined()
})

test('a token is whoever issued it: with one of their own nobody is two', () => {
  const heart = begun('all')
  const hash = 'a'.repeat(64)
  tell(heart, { kind: 'issueToken', token: 'ci', hash, grants: [{ role: 'author' }], by: 'ada' })
  tell(heart, { kind: 'issueToken', token: 'of-ci', hash, grants: [{ role: 'author' }], by: 'token:ci' })
  const revision = proposed(heart, siteOf('all', port), 'token:of-ci')
  for (const by of ['token:of-ci', 'token:ci', 'ada'])
    expect(committed(heart, revision, by)?.code).toBe('fourEyes')
  expect(committed(heart, revision, 'token:of-nobody')).toBeUndefined()
})

test('what facts bring about is committed by policy, what files say is not', () => {
  const { world } = begun('all')
  const target = { ...(world.target as NonNullable<typeof world.target>), deployments: {} }
  const by = 'anneal'
  const cause = (kind: 'factsChanged' | 'filesChanged') => ({ kind, nodes: [], moves: [] })
  expect(needsAnother(world, { target, author: by, cause: cause('factsChanged') }, by)).toBeUndefined()
  for (const who of [by, 'ada'])
    expect(needsAnother(world, { target, author: by, cause: cause('filesChanged') }, who)).toMatchObject({
      code: 'fourEyes',
      nobody: true,
    })
  expect(needsAnother(world, { target, author: by, cause: cause('factsChanged') }, 'ada')).toBeUndefined()
})

test('a destructive run needs the word of somebody who did not propose it', () => {
  const heart = begun(['store'])
  const node = heart.world.nodes.get('n1')
  if (node) node.alive = true
  const once = [...heart.world.nodeRoles.values()].find(({ id }) => id === 'store/n1/db')
  if (once) once.lost = { run: 'run-1' } as NonNullable<typeof once.lost>
  const nodeRole = 'store/n1/db'
  const words = (by: string) =>
    tell(
      heart,
      { kind: 'approve', scope: { kind: 'nodeRole', nodeRole }, by },
      { kind: 'retryNodeRole', nodeRole, by },
      { kind: 'rinse', nodeRoles: [nodeRole], once: true, by },
    ).answers.map((each) => (each.ok ? 'taken' : each.refusal.code))
  expect(words('ada')).toEqual(['fourEyes', 'fourEyes', 'fourEyes'])
  expect(words('bob')).toEqual(['taken', 'taken', 'taken'])
})

const touches: [string, (site: Site) => void, ReturnType<typeof touchedBetween>][] = [
  ['nothing', () => {}, { deployments: [], site: false }],
  ['a value of its own', port, { deployments: ['shop'], site: false }],
  [
    'a value from above',
    (site) => (deployment(site, 'base').values = { log: { x: 1 } }),
    { deployments: ['base', 'store'], site: false },
  ],
  [
    'a role that it places',
    (site) => ((site.roles['db'] as { digest: string }).digest = 'other'),
    { deployments: ['store'], site: false },
  ],
  [
    'a node that it stands on',
    (site) => ((site.nodes['n1'] as { labels: object }).labels = { x: 1 }),
    { deployments: ['base', 'store'], site: false },
  ],
  [
    'a node of nobody',
    (site) => ((site.nodes['spare'] as { labels: object }).labels = { x: 1 }),
    { deployments: [], site: true },
  ],
  ['its end', (site) => delete site.deployments['shop'], { deployments: ['shop'], site: true }],
]

test.each(touches)('what is touched by %s', (_what, change, touched) => {
  const heart = begun([])
  proposed(heart, siteOf([], change), 'ada')
  const target = heart.world.revisions.get(2)?.target
  expect(target && touchedBetween(heart.world.target, target)).toEqual(touched)
})
