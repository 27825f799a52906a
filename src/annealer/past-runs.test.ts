// Which past runs a run is held to be like, and what comes of these.
import { describe, expect, test } from 'vitest'
import type { Origin } from '../model/binding.ts'
import type { Cause } from '../model/reason.ts'
import { type Kind, measuredIn, PastRuns } from './past-runs.ts'
import type { RunRecord } from './world.ts'

const NEW: Cause = { kind: 'new' }
const REMOVAL: Cause = { kind: 'removal' }
const ORIGINS: Record<string, Origin> = {
  beat: { kind: 'level', level: 'placement', where: '' },
  quota: { kind: 'level', level: 'placement', where: '' },
  peers: { kind: 'outputs', deployment: 'd', role: 'db', output: 'at', members: 3, known: 3 },
}

function ran(nodeRole: string, cause: Cause, durationMs: number, more: Partial<RunRecord> = {}): RunRecord {
  const action = cause.kind === 'removal' ? 'remove' : 'apply'
  return { nodeRole, action, cause, origins: ORIGINS, result: 'ok', durationMs, ...more } as RunRecord
}

function because(...inputs: string[]): Cause {
  return { kind: 'inputsChanged', inputs }
}

function kind(nodeRole: string, cause: Cause): Kind {
  const action = cause.kind === 'removal' ? 'remove' : 'apply'
  return { nodeRole, action, cause, origins: ORIGINS, isFirst: cause.kind === 'new' }
}

describe('like a run are', () => {
  const past = new PastRuns([
    ran('d/n1/db', NEW, 9_000),
    ran('d/n2/db', NEW, 5_000),
    ran('d/n1/db', because('beat'), 1_700),
    ran('d/n1/db', because('peers'), 300),
    ran('d/n2/db', because('peers'), 310),
    ran('d/n1/db', { kind: 'roleChanged' }, 800, { result: 'failed' }),
  ])
  const like = (nodeRole: string, cause: Cause): readonly number[] | undefined =>
    past.alike(kind(nodeRole, cause))?.all
  const certain = (cause: Cause): boolean => past.alike(kind('d/n1/db', cause))?.otherCause === false

  test('those that ran for the same inputs, in whatever order they are named', () => {
    expect(like('d/n1/db', because('peers'))).toEqual([300, 310])
    expect(like('d/n1/db', because('beat'))).toEqual([1_700])
    expect([certain(because('peers')), certain(because('beat'))]).toEqual([true, true])
  })

  test('of several reasons at once those that took longest', () => {
    expect(like('d/n1/db', because('peers', 'beat'))).toEqual([1_700])
  })

  test('for a setting that never changed those for other settings, which is not certain', () => {
    expect(like('d/n1/db', because('quota'))).toEqual([1_700])
    expect(certain(because('quota'))).toBe(false)
  })

  test('for any other reason all that came after the first', () => {
    expect(like('d/n1/db', { kind: 'roleChanged' })).toEqual([1_700, 300, 310])
  })

  test('for a first one first ones, its own apart', () => {
    expect(past.alike(kind('d/n2/db', NEW))).toEqual({ all: [9_000, 5_000], own: [5_000], otherCause: false })
    expect(past.alike(kind('d/n9/db', NEW))?.own).toEqual([])
  })

  test('for a removal, where none was removed, all that were applied', () => {
    expect(like('d/n1/db', REMOVAL)).toHaveLength(5)
    expect(certain(REMOVAL)).toBe(false)
  })

  test('none of another role', () => {
    expect(like('d/n1/web', NEW)).toBeUndefined()
  })
})

test('what is removed begins from nothing again', () => {
  const past = new PastRuns([
    ran('d/n1/db', because('beat'), 100),
    ran('d/n1/db', REMOVAL, 50),
    ran('d/n1/db', { kind: 'asked', by: 'ann' }, 900),
    ran('d/n1/db', { kind: 'asked', by: 'ann' }, 110),
  ])
  expect(past.alike(kind('d/n1/db', NEW))?.all).toEqual([900])
  expect(past.alike(kind('d/n1/db', REMOVAL))?.all).toEqual([50])
})

test('what lies far back is forgotten', () => {
  const long = Array.from({ length: 40 }, (_, index) => ran('d/n1/db', because('beat'), index))
  expect(new PastRuns(long).alike(kind('d/n1/db', because('beat')))?.all).toHaveLength(30)
})

test('what all runs are slower by of late is a pace, and what they take is kept at the usual one', () => {
  const beat = because('beat')
  const usual = Array.from({ length: 12 }, () => ran('d/n1/db', beat, 100))
  const slow = Array.from({ length: 12 }, () => ran('d/n1/web', beat, 300))
  const past = new PastRuns([...usual, ...usual.map((run) => ({ ...run, nodeRole: 'd/n1/web' })), ...slow])
  const measured = (role: string, pace: number): number => {
    const alike = past.alike(kind(`d/n1/${role}`, beat))
    return alike ? measuredIn(alike, 0, pace).ms : 0
  }
  expect(past.pace.factor).toBeGreaterThan(1.3)
  expect(measured('web', past.pace.factor)).toBeGreaterThan(250)
  expect(measured('db', 1)).toBe(100)
  // It did not run since, and the machine is slow.
  expect(measured('db', past.pace.factor)).toBeGreaterThan(130)
})

test('what is now short and now long is no change of pace', () => {
  const beat = because('beat')
  const both = Array.from({ length: 30 }, (_, index) => ran('d/n1/db', beat, index % 2 === 0 ? 1_000 : 2_000))
  expect(new PastRuns(both).pace.factor).toBeCloseTo(1, 0)
})

test('usual is the middle of each role, once there are three', () => {
  const two = [
    ran('d/n1/a', NEW, 10),
    ran('d/n2/a', NEW, 20),
    ran('d/n3/a', NEW, 900),
    ran('d/n1/b', NEW, 30),
  ]
  expect(new PastRuns(two).usual(kind('d/n1/web', NEW))).toEqual([])
  expect(new PastRuns([...two, ran('d/n1/c', NEW, 40)]).usual(kind('d/n1/web', NEW))).toEqual([20, 30, 40])
})

test('how far apart is what is alike: by half where nothing shows it', () => {
  expect(new PastRuns([]).deviation).toBe(0.5)
  const steady = [100, 100, 100].map((ms) => ran('d/n1/db', because('beat'), ms))
  expect(new PastRuns(steady).deviation).toBe(0)
  const others = [900, 900, 900].map((ms) => ran('d/n1/db', because('peers'), ms))
  expect(new PastRuns([...steady, ...others]).deviation).toBe(0)
})

test('a mean leans on the own past and on what is recent, and is less sure the less there is', () => {
  const alike = { all: [100, 300, 300, 300, 300], own: [300], otherCause: false }
  const others = { ...alike, all: [300, 100], own: [] }
  expect(measuredIn(others, 0).ms).toBeLessThan(200)
  expect(measuredIn({ ...others, own: [300] }, 0).ms).toBeGreaterThan(200)
  expect(measuredIn(alike, 0).ms).toBeGreaterThan(290)
  expect(measuredIn({ ...others, otherCause: true }, 0).ms).toBe(200)
  expect(measuredIn({ ...alike, all: [200], own: [] }, 0.5)).toEqual({ ms: 200, spread: 100 })
})
