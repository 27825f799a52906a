// Operations in one process: who gets the lock, what an interrupt leaves, how long `stay` stays, what a full disk ends.
import { describe, expect, test } from 'vitest'
import type { RunOutcome } from '../../src/model/run.ts'
import type { Role } from '../../src/model/role.ts'
import { DIFFERENCE, FAILED, newPlace, settled, turns } from './hand-place.ts'

describe('up', () => {
  test('brings the site to ready, and has nothing to do the second time', async () => {
    const place = newPlace()
    place.finishAll = true
    expect(await place.up()).toMatchObject({ value: { outcome: 'ready', runs: [{ result: 'ok' }] } })
    const sessions = place.runners.length
    expect(await place.up()).toMatchObject({ value: { outcome: 'ready', runs: [] } })
    expect(place.runners.length).toBe(sessions)
  })

  test('twice at once: one works, the other is told who does', async () => {
    const place = newPlace()
    const first = place.up()
    await place.untilStarted('run-1')
    expect(await place.up()).toMatchObject({ refusal: { code: 'busy', holder: 'anneal up' } })
    place.finish('run-1')
    expect(await first).toMatchObject({ value: { outcome: 'ready' } })
  })

  test('declined changes nothing', async () => {
    const place = newPlace()
    expect(await place.up({ confirm: async () => false })).toMatchObject({ value: { outcome: 'declined' } })
    expect([await place.head(), place.runners.length]).toEqual([0, 0])
  })

  test('a failed one is asked for again, once', async () => {
    const place = newPlace()
    const first = place.up()
    await place.untilStarted('run-1')
    place.finish('run-1', FAILED)
    expect(await first).toMatchObject({ value: { outcome: 'atRestWithProblems' } })
    const second = place.up()
    await place.untilStarted('run-2')
    place.finish('run-2')
    expect(await second).toMatchObject({ value: { outcome: 'ready', runs: [{ run: 'run-2', attempt: 1 }] } })
  })
})

describe('only', () => {
  test('nothing else starts, not even what needs no node and was left by a session before', async () => {
    const place = newPlace({ roles: ['one', 'two'] })
    for (const role of Object.values(place.site.roles)) role.per = 'deployment'
    place.finishAll = true
    const up = await place.up({ only: ['d/one'] })
    expect(up).toMatchObject({ value: { outcome: 'chosenReady', runs: [{ nodeRole: 'd/-/one' }] } })
    const again = await place.control({ kind: 'run', targets: ['d/one'], only: true })
    expect(again).toMatchObject({ value: { result: { runs: [{ nodeRole: 'd/-/one' }] } } })
    expect(await place.stateOf('d/-/two')).toMatchObject({ state: 'todo' })
    expect(await place.up({ only: ['d/one'] })).toMatchObject({ value: { runs: [] } })
    expect(await place.stateOf('d/-/two')).toMatchObject({ state: 'todo' })
    expect(await place.up()).toMatchObject({ value: { outcome: 'ready', runs: [{ nodeRole: 'd/-/two' }] } })
  })
})

describe('drift', () => {
  test('is looked for everywhere, and nothing else is started', async () => {
    const place = await settled(['one', 'two'])
    place.drifted.add('d/n1/two')
    const runs = place.runners.length
    const report = await place.drift()
    expect(report).toMatchObject({
      value: {
        nodeRoles: [
          { nodeRole: 'd/n1/one', policy: 'repair', found: 'asAsked' },
          { nodeRole: 'd/n1/two', found: 'drifted', differences: [DIFFERENCE] },
        ],
        runs: [],
      },
    })
    expect(place.runners.length).toBe(runs + 1)
    expect(await place.stateOf('d/n1/two')).toMatchObject({
      state: 'todo',
      reason: {
        cause: { kind: 'drift', what: ['/etc/motd differs in content'] },
        wait: { kind: 'notChosen' },
      },
    })
  })

  test('is repaired by the next up, which has something to do', async () => {
    const place = await settled(['one', 'two'])
    place.drifted.add('d/n1/two')
    await place.drift()
    place.drifted.clear()
    expect(await place.up()).toMatchObject({
      value: { outcome: 'ready', runs: [{ nodeRole: 'd/n1/two', cause: { kind: 'drift' } }] },
    })
  })

  test('is repaired at once where that is asked for, and only what is meant', async () => {
    const place = await settled(['one', 'two'])
    place.drifted.add('d/n1/two').add('d/n1/one')
    expect(await place.drift({ targets: ['one'] })).toMatchObject({
      value: { nodeRoles: [{ found: 'drifted' }] },
    })
    expect(await place.drift({ targets: ['two'], repair: true })).toMatchObject({
      value: { runs: [{ nodeRole: 'd/n1/two', result: 'ok', cause: { kind: 'asked', why: 'it drifted' } }] },
    })
    expect([await place.stateOf('d/n1/one'), await place.stateOf('d/n1/two')]).toMatchObject([
      { state: 'todo' },
      { state: 'active' },
    ])
  })

  test('of what is not committed yet is looked for by a dry run, which writes nothing', async () => {
    const place = newPlace({ roles: ['one', 'two'] })
    const { roles } = place.site
    roles['one'] = { ...(roles['one'] as Role), check: { path: 'check.sh', digest: 'a' } }
    place.drifted.add('d/n1/one')
    const operations = place.operations()
    const signal = new AbortController().signal
    const looked = await operations.dryRun({
      site: place.site,
      content: new Map(),
      signal,
      onNotice: () => {},
    })
    await operations.close()
    expect(looked).toMatchObject({
      value: {
        diff: { changes: [{ nodeRole: 'd/n1/one' }, { nodeRole: 'd/n1/two' }] },
        findings: [{ nodeRole: 'd/n1/one', found: 'drifted', differences: [DIFFERENCE] }],
        unlooked: [{ nodeRole: 'd/n1/two', why: 'nothingToCheck' }],
      },
    })
    expect([await place.head(), place.runners.map(({ open }) => open.size)]).toEqual([0, [0]])
  })

  test('is not told of what could not be looked at, and why', async () => {
    const place = await settled(['one'])
    place.finishAll = false
    place.site.roles['one'] = { ...(place.site.roles['one'] as Role), digest: 'another' }
    const upping = place.up()
    await place.untilStarted('run-2')
    place.finish('run-2', FAILED)
    await upping
    expect(await place.drift()).toMatchObject({
      value: {
        nodeRoles: [
          {
            found: 'unchecked',
            unchecked: { kind: 'notActive', state: 'error', reason: { kind: 'failed' } },
          },
        ],
      },
    })
    expect(await place.drift({ targets: ['nine'] })).toMatchObject({ refusal: { code: 'unknownTarget' } })
  })
})

describe('an interrupt', () => {
  test('lets what runs finish and starts nothing new; up goes on from there', async () => {
    const place = newPlace({ roles: ['one', 'two'] })
    const interrupt = new AbortController()
    const upping = place.up({ signal: interrupt.signal })
    await place.untilStarted('run-1')
    interrupt.abort()
    place.finish('run-1')
    expect(await upping).toMatchObject({ value: { outcome: 'interrupted', runs: [{ result: 'ok' }] } })
    place.finishAll = true
    expect(await place.up()).toMatchObject({ value: { outcome: 'ready', runs: [{ run: 'run-2' }] } })
  })

  test('before the question is answered leaves the timeline alone', async () => {
    const place = newPlace()
    const interrupt = new AbortController()
    const confirm = async (): Promise<boolean> => {
      interrupt.abort()
      return true
    }
    expect(await place.up({ signal: interrupt.signal, confirm })).toMatchObject({
      value: { outcome: 'interrupted', runs: [] },
    })
    expect(await place.head()).toBe(0)
  })
})

describe('a command past all roles', () => {
  test('starts no work that a process which was killed has left pending', async () => {
    const place = newPlace()
    Object.assign(place.site.roles['one'] as Role, { retry: { attempts: 3, backoffMs: 2_000 } })
    void place.up()
    await place.untilStarted('run-1')
    place.finish('run-1', { ...FAILED, retry: true } as RunOutcome)
    await turns()
    place.kill()
    // Its backoff is long over.
    place.now += 3_600_000
    expect(await place.exec()).toMatchObject({ value: { nodes: [{ node: 'n1', outcome: { exit: 0 } }] } })
    expect(await place.stateOf('d/n1/one')).toMatchObject({ state: 'todo' })
    expect(await place.runs()).toEqual(['run-1'])
  })
})

describe('stay', () => {
  test('stays at rest until it is interrupted', async () => {
    const place = newPlace()
    place.finishAll = true
    const interrupt = new AbortController()
    let ended = false
    const staying = place.up({ stay: true, signal: interrupt.signal }).finally(() => (ended = true))
    await place.untilReady()
    await turns()
    expect(ended).toBe(false)
    interrupt.abort()
    expect(await staying).toMatchObject({ value: { outcome: 'ready' } })
  })

  test('ends when the journal fails', async () => {
    let broken = false
    const place = newPlace({
      faults: {
        beforeWrite: () => {
          if (broken) throw new Error('no space')
        },
      },
    })
    place.finishAll = true
    const staying = place.up({ stay: true })
    await place.untilReady()
    await turns()
    broken = true
    place.runners.at(-1)?.events.report({ kind: 'reportConnectionLost', node: 'n1' })
    expect(await staying).toMatchObject({ refusal: { code: 'journalFault' } })
  })
})

describe('the disk', () => {
  test('failing at any write ends up with a refusal and closes the runner; with room again all is well', async () => {
    for (let n = 1; ; n++) {
      let failed = false
      const place = newPlace({
        faults: {
          beforeWrite: (k) => {
            if (k !== n) return
            failed = true
            throw new Error('no space')
          },
        },
      })
      place.finishAll = true
      const first = await place.up()
      if (failed)
        expect(
          place.runners.every(({ closed }) => closed),
          `write ${n}`,
        ).toBe(true)
      // The last write is that of the snapshot: all was done by then.
      if (!first.ok) expect(first).toMatchObject({ refusal: { code: 'journalFault' } })
      expect(await place.up()).toMatchObject({ value: { outcome: 'ready' } })
      if (!failed) return expect(n).toBeGreaterThan(6)
    }
  })
})

describe('questions', () => {
  test('asked at once are answered from one reading each, while another process writes', async () => {
    const place = newPlace()
    const upping = place.up()
    await place.untilStarted('run-1')
    const other = place.operations()
    const asked = await Promise.all([other.status(), other.nodes(), other.runs({}), other.status()])
    expect(asked.every(({ ok }) => ok)).toBe(true)
    place.finish('run-1')
    await upping
    const after = await Promise.all([other.status(), other.status(), other.timeline()])
    expect(after[0]).toMatchObject({ value: { ready: true, revision: 1 } })
    expect(after[1]).toEqual(after[0])
    await other.close()
  })

  test('before anything was committed', async () => {
    const place = newPlace()
    const asked = place.operations()
    expect(await asked.status()).toMatchObject({ refusal: { code: 'nothingThere' } })
    expect(await asked.diff(place.site)).toMatchObject({ value: { changes: [{ what: 'add' }] } })
  })
})
