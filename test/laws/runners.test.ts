// Runners in the heart: who is here decides what may start, in a world made again as in the living one.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { whatIsDue } from '../../src/annealer/due.ts'
import { viewRunners } from '../../src/annealer/runners.ts'
import { viewNodeRole } from '../../src/annealer/view.ts'
import { digestOfBytes } from '../../src/base/digest.ts'
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
import { seedOr } from '../support/seed.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'

const SITE = `
nodes: { a1: { runner: { segment: a } }, a2: { runner: { segment: a, site: x } }, any: { runner: { } }, here: }
roles: { base: { inputs: { v: 1 } }, top: { requires: [base] } }
deployments: { d: { nodes: "true", roles: [top] } }
`
const RUNNERS: Record<string, Record<string, string>> = {
  r1: { segment: 'a' },
  r2: { segment: 'a', site: 'x' },
  r3: {},
}
const NEEDED: Record<string, Record<string, string>> = {
  a1: { segment: 'a' },
  a2: { segment: 'a', site: 'x' },
  any: {},
}

function heartWithRunners(): Heart {
  const heart = newHeart(makeLanguage())
  tell(heart, { kind: 'startSession', by: 'ada', stays: true })
  tell(heart, { kind: 'proposeRevision', site: shortSite(readShortSite(SITE)), author: 'ada', message: '' })
  for (const [runner, labels] of Object.entries(RUNNERS)) {
    const hash = digestOfBytes(runner)
    tell(heart, { kind: 'inviteRunner', runner, labels, hash, endsAt: heart.now + 60_000, by: 'ada' })
    tell(heart, { kind: 'enrolRunner', runner, hash, key: 'key' })
  }
  tell(heart, { kind: 'commitRevision', revision: 1, onto: 0, author: 'ada', message: '' })
  return heart
}

function reasonOf(heart: Heart, id: string): string {
  const nodeRole = heart.world.nodeRoles.get(id)
  if (!nodeRole) throw new Error(`there is no ${id}`)
  const { state, reason } = viewNodeRole(heart.world, nodeRole)
  return `${state} ${reason.kind === 'waits' ? reason.wait.kind : reason.kind}`
}

test('a token is good once, and until its end', () => {
  const heart = newHeart(makeLanguage())
  const hash = digestOfBytes('once')
  const enrol: Command = { kind: 'enrolRunner', runner: 'r1', hash, key: 'key' }
  tell(heart, { kind: 'inviteRunner', runner: 'r1', labels: {}, hash, endsAt: heart.now + 1_000, by: 'ada' })
  expect(tell(heart, { ...enrol, hash: digestOfBytes('other') }).answers).toMatchObject([{ ok: false }])
  expect(tell(heart, enrol).answers).toMatchObject([{ ok: true }])
  expect(tell(heart, enrol).answers).toMatchObject([{ ok: false }])
  tell(heart, { kind: 'inviteRunner', runner: 'r1', labels: {}, hash, endsAt: heart.now + 1_000, by: 'ada' })
  heart.now += 1_000
  expect(tell(heart, enrol).answers).toMatchObject([{ ok: false }])
  expectSameAfterReplay(heart)
})

test('what is as asked stays so while its runner is away; what is to run waits for one', () => {
  const heart = heartWithRunners()
  expect(reasonOf(heart, 'd/a1/base')).toBe('blocked noRunner')
  expect(whatIsDue(heart.world).contacts.map(({ name }) => name)).toEqual(['here'])
  tell(heart, { kind: 'reportRunnerHere', runner: 'r1', slots: 1, version: '0' })
  expect(whatIsDue(heart.world).contacts.map(({ name }) => name)).toEqual(['a1', 'any', 'here'])
  tell(heart, { kind: 'reportContact', node: 'a1', outcome: { result: 'reached', facts: {} } })
  finish(heart, 'd/a1/base', OK)
  finish(heart, 'd/a1/top', OK)
  tell(heart, { kind: 'reportRunnerGone', runner: 'r1', why: 'it was silent' })
  expect(reasonOf(heart, 'd/a1/top')).toBe('active current')
  tell(heart, { kind: 'retryNodeRole', nodeRole: 'd/a1/top', by: 'ada' })
  expect(reasonOf(heart, 'd/a1/top')).toBe('blocked noRunner')
  expectSameAfterReplay(heart)
})

test('a run that nobody took is no attempt; one whose runner was lost is one', () => {
  const heart = heartWithRunners()
  tell(heart, { kind: 'reportRunnerHere', runner: 'r1', slots: 1, version: '0' })
  tell(heart, { kind: 'reportContact', node: 'a1', outcome: { result: 'reached', facts: {} } })
  for (let times = 0; times < 5; times++) finish(heart, 'd/a1/base', fault('notHandedOut'))
  expect(reasonOf(heart, 'd/a1/base')).toBe('transition running')
  for (let times = 0; times < 3; times++) finish(heart, 'd/a1/base', fault('runnerLost'))
  expect(reasonOf(heart, 'd/a1/base')).toBe('error failed')
})

const OK: RunOutcome = { result: 'ok', outputs: {}, filesChanged: [], durationMs: 5 }

function fault(code: 'notHandedOut' | 'runnerLost'): RunOutcome {
  return { result: 'fault', fault: { code, message: code }, durationMs: 0 }
}

function finish(heart: Heart, id: string, outcome: RunOutcome): void {
  const flight = heart.world.nodeRoles.get(id)?.flight
  expect([id, flight !== undefined]).toEqual([id, true])
  if (flight) tell(heart, { kind: 'reportRun', run: flight.run, token: flight.token, outcome })
}

const runner = fc.constantFrom(...Object.keys(RUNNERS))
const move = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('here' as const), runner }) },
  fc.record({ do: fc.constantFrom('gone', 'drain', 'resume', 'revoke', 'invite'), runner }),
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('contact', 'session', 'restart', 'retry') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('finish' as const),
      which: fc.nat(),
      how: fc.constantFrom('ok', 'lost', 'back'),
    }),
  },
)

test('nothing starts where no runner that would do is here, and all of it follows from the events', () =>
  fc.assert(
    fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
      const heart = heartWithRunners()
      for (const one of moves) {
        heart.now += 1_000
        const told = made(heart, one)
        for (const event of told) {
          if (event.kind !== 'runStarted') continue
          const needs = NEEDED[event.nodeRole.split('/')[1] ?? '']
          const here = viewRunners(heart.world).filter(({ state }) => state === 'here')
          const fits = (labels: Record<string, string>): boolean =>
            Object.entries(needs ?? {}).every(([label, value]) => labels[label] === value)
          expect(needs === undefined || here.some(({ labels }) => fits(labels))).toBe(true)
        }
        expectSameFromScratch(heart.world)
      }
      expectSameAfterReplay(heart)
    }),
    { seed: seedOr(11), numRuns: 60 },
  ))

type Move = typeof move extends fc.Arbitrary<infer T> ? T : never

function made(heart: Heart, one: Move) {
  const all = (...commands: Command[]) => tell(heart, ...commands).events
  switch (one.do) {
    case 'here':
      return all({ kind: 'reportRunnerHere', runner: one.runner, slots: 1, version: '0' })
    case 'gone':
      return all({ kind: 'reportRunnerGone', runner: one.runner, why: 'it was silent' })
    case 'drain':
    case 'resume':
    case 'revoke':
      return all({ kind: `${one.do}Runner`, runner: one.runner, by: 'ada' })
    case 'invite': {
      const hash = digestOfBytes(`${one.runner} ${heart.now}`)
      const labels = RUNNERS[one.runner] ?? {}
      return all(
        { kind: 'inviteRunner', runner: one.runner, labels, hash, endsAt: heart.now + 5_000, by: 'ada' },
        { kind: 'enrolRunner', runner: one.runner, hash, key: 'another' },
      )
    }
    case 'contact': {
      const outcome = { result: 'reached', facts: {} } as const
      return all(
        ...whatIsDue(heart.world).contacts.map(
          ({ name: node }): Command => ({ kind: 'reportContact', node, outcome }),
        ),
      )
    }
    case 'session':
      return all({ kind: 'startSession', by: 'ada', stays: true })
    case 'retry':
      return all({ kind: 'retryNodeRole', nodeRole: 'd/a2/top', by: 'ada' })
    case 'restart':
      restart(heart)
      return []
    case 'finish': {
      const flights = [...heart.world.inFlight]
      const flight = flights[one.which % Math.max(1, flights.length)]
      if (!flight) return []
      const outcome = one.how === 'ok' ? OK : fault(one.how === 'lost' ? 'runnerLost' : 'notHandedOut')
      return all({ kind: 'reportRun', run: flight.run, token: flight.token, outcome })
    }
  }
}
