// A snapshot that is written while the world moves on is of the moment at which it was begun, whatever happens meanwhile.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { restoreSnapshot } from '../../src/annealer/snapshot.ts'
import { beginSnapshot } from '../../src/annealer/taking.ts'
import { joinJson, splitJson } from '../../src/base/split.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { type Heart, newHeart, restart, snapshotText, tell } from '../support/heart.ts'
import { seedOr } from '../support/seed.ts'
import { readShortSite } from '../support/short-site.ts'
import { anyStep, commandsFor, type Play, type Step } from './random-history.ts'
import { anySite } from './random-site.ts'

const language = makeLanguage()
const asked = process.env['ANNEAL_RUNS']
const limits = asked === undefined ? { interruptAfterTimeLimit: 30_000 } : {}

/** `no` where it is enough to know that the law is broken. */
const shrinks = process.env['ANNEAL_SHRINK'] !== 'no'

/** Several turns to one slice, and the other way round; mostly something happens to it before all of it is written at once. */
const anyHistory = fc.array(fc.record({ step: anyStep, slices: fc.constantFrom(0, 0, 0, 1, 3, Infinity) }), {
  minLength: 20,
  maxLength: 80,
  size: 'max',
})

test('a snapshot that is written while the world moves on is of one moment', { timeout: 300_000 }, () => {
  let finished = 0
  fc.assert(
    fc.property(anySite, anyHistory, (site, history) => {
      const play: Play = { heart: newHeart(language), short: site }
      tell(play.heart, { kind: 'startSession', by: 'ann' })
      tell(play.heart, ...commandsFor(play, { do: 'commit', change: {} }))
      let writing = begin(play.heart)
      for (const { step, slices } of history) {
        if (step.do === 'restart') {
          restart(play.heart)
          writing = begin(play.heart)
        }
        tell(play.heart, ...commandsFor(play, step))
        if (!writing.go(slices)) continue
        finished++
        writing = begin(play.heart)
      }
      writing.go(Infinity)
    }),
    { seed: seedOr(20_261_126), numRuns: Number(asked ?? 200), ...limits, endOnFailure: !shrinks },
  )
  expect(finished).toBeGreaterThan(50)
})

/** What random histories hardly come by: values that go and come back while nothing may run, rollouts, checks under way. */
const STORY: Step[] = [
  { do: 'contactAll' },
  ...Array.from({ length: 4 }, (): Step => ({ do: 'finishAll', value: 0 })),
  { do: 'hold', scope: 4, which: 0 },
  { do: 'contact', node: 'n1', facts: { a: 2, b: 2 } },
  { do: 'contact', node: 'n1', facts: { a: 1, b: 1 } },
  { do: 'release', scope: 4, which: 0 },
  { do: 'check', which: undefined },
  { do: 'checked', which: 0, found: 0, code: undefined },
  { do: 'checked', which: 0, found: 0, code: 'connectionLost' },
  { do: 'commit', change: { roles: { web: { inputs: { threads: 2 } } } } },
  { do: 'finishAll', value: 0 },
  { do: 'approve', which: 3, wide: true },
  { do: 'contact', node: 'n2', facts: { a: 1, b: 3 } },
  { do: 'finishAll', value: 0 },
  { do: 'finishAll', value: 0 },
  { do: 'contact', node: 'n2', facts: { a: 1, b: 1 } },
  { do: 'finishAll', value: 0 },
  { do: 'finishAll', value: 0 },
]

const STORY_SITE = readShortSite(`
nodes: { n1: {}, n2: {}, n3: {}, n4: {} }
roles:
  said: { inputs: { a: { fact: a } }, outputs: { at: { value: inputs.a } }, check: true, remove: true }
  heard: { inputs: { all: { from: said.at, take: map } } }
  round: { inputs: { others: { from: round.name, take: all, wait: known }, a: { fact: a } }, outputs: { name: { value: 'size(inputs.others) > 9 ? 0 : inputs.a' } } }
  web: { inputs: { threads: 1, b: { fact: b } } }
deployments:
  d: { roles: [said, heard, round, { role: web, rollout: { probe: 1, then: ['1'], approve: true } }] }
`)

test('so it is along a story in which values come back, wherever it is begun and ended', () => {
  const met = new Set<string>()
  for (const turns of [1, 2, 3, 4, 6]) {
    for (let first = 0; first < turns; first++) {
      const play: Play = { heart: newHeart(language), short: STORY_SITE }
      tell(play.heart, { kind: 'startSession', by: 'ann' })
      tell(play.heart, ...commandsFor(play, { do: 'commit', change: {} }))
      let writing = begin(play.heart)
      for (const [i, step] of STORY.entries()) {
        const { events } = tell(play.heart, ...commandsFor(play, step))
        for (const { kind } of events) met.add(kind)
        if (i % turns !== first) continue
        writing.go(Infinity)
        writing = begin(play.heart)
      }
    }
  }
  expect([...met]).toEqual(
    expect.arrayContaining(['checkStarted', 'checkFinished', 'rolloutPlanned', 'stepOpened', 'stepApproved']),
  )
})

function begin({ world }: Heart): { go(slices: number): boolean } {
  const then = snapshotText(world)
  const texts: string[] = []
  // As little as there can be in a slice, however small the world.
  const slices = splitJson(beginSnapshot(world, 0), 1)
  return {
    /** Whether it is all there; then it must be what was. */
    go(most) {
      for (let i = 0; i < most; i++) {
        const next = slices.next()
        if (!next.done) {
          texts.push(next.value)
          continue
        }
        expect(world.taking).toBeUndefined()
        const told = snapshotText(restoreSnapshot(joinJson(texts), language))
        if (told !== then) expect(JSON.parse(told)).toEqual(JSON.parse(then))
        return true
      }
      return false
    },
  }
}
