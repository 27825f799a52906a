// Law: a difference that was kept is the one that would be worked out now, whatever happened since.
import { expect, test } from 'vitest'
import { diffTarget } from '../../src/annealer/diff.ts'
import { targetOf } from '../../src/annealer/decide.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { KeptDiff } from '../../src/engine/kept-diff.ts'
import type { Target } from '../../src/model/site.ts'
import { newHeart, tell } from '../support/heart.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'
import { contact, report } from './random-history.ts'

const WHO = { author: 'ann', message: '' }
const SITE = (roles: string) =>
  shortSite(
    readShortSite(`{ nodes: { n1: , n2: }, roles: { a: , b: }, deployments: { d: { roles: [${roles}] } } }`),
  )

test('it is worked out once for the same target, and anew after each turn', () => {
  const heart = newHeart(makeLanguage())
  const { world } = heart
  const diffs = new KeptDiff(world)
  const target = (roles: string): Target => {
    const told = targetOf(world, SITE(roles), heart.now)
    if (!told.ok) throw new Error(told.refusal.message)
    return told.value
  }
  const look = (): void => {
    for (const roles of ['b', 'a', 'a, b', 'b']) {
      const diff = diffs.to(target(roles))
      expect(diff).toEqual(diffTarget(world, target(roles)))
      expect(diffs.to(target(roles))).toBe(diff)
    }
  }
  look()
  tell(heart, { kind: 'startSession', by: 'ann' })
  look()
  tell(heart, { kind: 'proposeRevision', site: SITE('a'), ...WHO })
  look()
  tell(heart, { kind: 'commitRevision', revision: 1, onto: 0, ...WHO })
  look()
  for (const node of ['n1', 'n2']) tell(heart, contact(node, {}))
  look()
  const [run] = world.inFlight
  if (!run) throw new Error('nothing runs')
  tell(heart, report(run, { result: 'failed', message: 'no', tail: '', retry: false, durationMs: 1 }))
  look()
  heart.now += 3_600_000
  tell(heart, { kind: 'tick' })
  look()
})
