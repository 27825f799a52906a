// The engine: what is durable before what, who is told what when the disk says no, and how it rests, wakes and closes.
import { describe, expect, test } from 'vitest'
import { SNAPSHOT_VERSION } from '../../src/annealer/snapshot-shape.ts'
import { restoreSnapshot, takeSnapshot } from '../../src/annealer/snapshot.ts'
import type { Json } from '../../src/base/json.ts'
import { remember } from '../../src/engine/memory.ts'

import { OK, FAILED, language, newBench, turns, Gate } from './hand-bench.ts'

describe('first on disk, then done', () => {
  test('nothing is answered and nothing started while the events are on their way to the disk', async () => {
    const gate = new Gate()
    const bench = await newBench({ faults: { beforeWrite: () => gate.pass() } })
    await bench.begin()
    await bench.commit('n1')
    gate.shut()
    let answered = false
    void bench.reach('n1').then(() => (answered = true))
    await turns()
    expect([answered, bench.runner.open.size]).toEqual([false, 0])
    gate.open()
    await turns()
    expect([answered, [...bench.runner.open.keys()]]).toEqual([true, ['run-1']])
  })

  test('what comes in while a turn is written shares the next one', async () => {
    const gate = new Gate()
    const writes: number[] = []
    const bench = await newBench({ faults: { beforeWrite: (n) => (writes.push(n), gate.pass()) } })
    await bench.begin()
    await bench.commit('n1', 'n2', 'n3')
    await turns()
    const before = writes.length
    gate.shut()
    const first = bench.reach('n1')
    await turns()
    const answers = Promise.all([first, ...['n2', 'n3'].map((node) => bench.reach(node))])
    await turns()
    gate.open()
    expect((await answers).every(({ ok }) => ok)).toBe(true)
    expect(writes.length - before).toBe(2)
  })

  test('what comes in in one go is one turn', async () => {
    const writes: number[] = []
    const bench = await newBench({ faults: { beforeWrite: (n) => void writes.push(n) } })
    await bench.begin()
    await bench.commit('n1', 'n2', 'n3')
    await turns()
    const before = writes.length
    await Promise.all(['n1', 'n2', 'n3'].map((node) => bench.reach(node)))
    expect(writes.length - before).toBe(1)
  })
})

describe('the disk says no', () => {
  const phases = ['session', 'proposal', 'commit', 'contact', 'result']

  test.each(
    phases.flatMap((phase) => [
      [phase, 'before'],
      [phase, 'after'],
    ]),
  )('at the %s, %s the write', async (phase, when) => {
    let broken = false
    const fail = (): void => {
      if (broken) throw new Error('no space')
    }
    const bench = await newBench({ faults: when === 'before' ? { beforeWrite: fail } : { afterWrite: fail } })
    const steps: Record<string, () => Promise<{ ok: boolean }>> = {
      session: () => bench.begin(),
      proposal: () => bench.propose('n1'),
      commit: () => bench.commitHead(),
      contact: () => bench.reach('n1'),
      result: () => bench.finish('run-1', OK),
    }
    for (const name of phases) {
      broken = name === phase
      const started = bench.runner.started.length
      const answers = await Promise.all([
        steps[name]?.(),
        bench.engine.ask({ kind: 'stopClaiming', by: 'ann' }),
      ])
      if (!broken) {
        expect(answers[0]).toMatchObject({ ok: true })
        await bench.engine.ask({ kind: 'startSession', by: 'ann' })
        continue
      }
      expect(answers).toMatchObject([
        { refusal: { code: 'journalFault' } },
        { refusal: { code: 'journalFault' } },
      ])
      broken = false
      expect(await bench.engine.ask({ kind: 'tick' })).toMatchObject({ refusal: { code: 'journalFault' } })
      expect(bench.engine.fault).toMatchObject({ code: 'journalFault' })
      await bench.engine.rest()
      await bench.engine.close()
      expect(bench.runner.started.length).toBe(started)
      return
    }
  })

  test('who waits for rest is told', async () => {
    let broken = false
    const bench = await newBench({
      faults: {
        beforeWrite: () => {
          if (broken) throw new Error('no space')
        },
      },
    })
    await bench.busy()
    const rested = bench.engine.rest()
    broken = true
    void bench.finish('run-1', OK)
    await rested
    expect(bench.engine.fault).toMatchObject({ code: 'journalFault' })
  })

  test('a snapshot that cannot be written is a fault like any other', async () => {
    let broken = false
    const bench = await newBench({
      faults: {
        beforeWrite: () => {
          if (broken) throw new Error('no space')
        },
      },
    })
    await bench.busy()
    await bench.finish('run-1', OK)
    broken = true
    await bench.engine.close()
    expect(bench.engine.fault).toMatchObject({ code: 'journalFault' })
  })
})

describe('rest', () => {
  test('of an engine that was never asked anything is at once', async () => {
    const bench = await newBench()
    await bench.engine.rest()
  })

  test('comes to all who wait for it, when the last run is over', async () => {
    const bench = await newBench()
    await bench.busy()
    let rested = 0
    const all = Promise.all([bench.engine.rest(), bench.engine.rest()].map((one) => one.then(() => rested++)))
    await turns()
    expect(rested).toBe(0)
    await bench.finish('run-1', OK)
    await all
  })

  test('after stop comes when what is in flight is over, and nothing new has begun', async () => {
    const bench = await newBench({ roles: ['one', 'two'] })
    await bench.busy()
    await bench.engine.ask({ kind: 'stopClaiming', by: 'ann' })
    const rested = bench.engine.rest()
    await bench.finish('run-1', OK)
    await rested
    expect(bench.runner.started).toEqual(['run-1'])
  })
})

describe('close', () => {
  test('ends what is in flight and claims nothing anew; the next session goes on', async () => {
    const bench = await newBench({ roles: ['one', 'two'] })
    await bench.busy()
    await bench.engine.close()
    expect([bench.runner.started, bench.runner.closed]).toEqual([['run-1'], true])
    await bench.journal.close()
    const next = await newBench({ store: bench.store, roles: ['one', 'two'] })
    await next.begin()
    await next.reach('n1')
    expect(next.runner.started).toEqual(['run-2'])
  })

  test('while a contact is under way says nothing bad of the node', async () => {
    const bench = await newBench()
    await bench.begin()
    await bench.commit('n1')
    await bench.engine.close()
    expect(bench.world.nodes.get('n1')?.alive).toBeUndefined()
  })

  test('before, while and after rest is waited for', async () => {
    const bench = await newBench()
    await bench.busy()
    const rested = bench.engine.rest()
    await Promise.all([bench.engine.close(), rested])
    await bench.engine.rest()
  })

  test('leaves a snapshot of what its number says, whoever asks for something meanwhile', async () => {
    for (let after = 0; after < 40; after++) {
      const bench = await newBench()
      await bench.begin()
      await bench.commit('n1', 'n2')
      await bench.reach('n1')
      const closed = bench.engine.close()
      for (let i = 0; i < after; i++) await Promise.resolve()
      const asked = bench.reach('n2')
      await Promise.all([closed, asked])
      await turns()
      const { world } = await remember(bench.journal, language)
      expect(takeSnapshot(world), `asked after ${after}`).toEqual(takeSnapshot(bench.world))
    }
  })

  test('takes the timer along', async () => {
    const bench = await newBench()
    await bench.busy()
    await bench.finish('run-1', FAILED)
    expect(bench.clock.timers.size).toBe(1)
    await bench.engine.close()
    expect(bench.clock.timers.size).toBe(0)
  })
})

describe('time', () => {
  test('wakes what waits, and no sooner', async () => {
    const bench = await newBench()
    await bench.busy()
    await bench.finish('run-1', FAILED)
    await bench.pass(1_999)
    expect(bench.runner.started).toEqual(['run-1'])
    await bench.pass(1)
    expect(bench.runner.started).toEqual(['run-1', 'run-2'])
  })

  test('a clock that is set back an hour delays nothing by an hour, and the journal never goes back', async () => {
    const bench = await newBench()
    await bench.busy()
    bench.clock.time -= 3_600_000
    await bench.finish('run-1', FAILED)
    await bench.pass(2_000)
    expect(bench.runner.started).toEqual(['run-1', 'run-2'])
    const times = await bench.times()
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  test('a clock that was set back and set right again is followed again', async () => {
    const bench = await newBench()
    await bench.busy()
    bench.clock.time -= 3_600_000
    await bench.finish('run-1', FAILED)
    bench.clock.time += 3_600_000 + 5_000
    await bench.engine.ask({ kind: 'tick' })
    expect(bench.world.now).toBe(bench.clock.time)
  })
})

describe('reports', () => {
  test('that come twice are taken once', async () => {
    const bench = await newBench()
    await bench.busy()
    const both = await Promise.all([bench.finish('run-1', OK), bench.finish('run-1', FAILED)])
    expect(both).toMatchObject([{ ok: true }, { refusal: { code: 'notInFlight' } }])
    expect(bench.world.runs.get('run-1')?.result).toBe('ok')
  })

  test('with a wrong token are refused, and the run in flight is not handed over again', async () => {
    const bench = await newBench()
    await bench.busy()
    const forged = await bench.engine.ask({ kind: 'reportRun', run: 'run-1', token: 99, outcome: OK })
    expect(forged).toMatchObject({ refusal: { code: 'notInFlight' } })
    expect(bench.runner.started).toEqual(['run-1'])
    // A turn that is about the run asks again what is owed.
    await bench.engine.ask({ kind: 'cancelRun', run: 'run-1', by: 'ann' })
    expect(bench.runner.started).toEqual(['run-1'])
  })

  test('of an earlier session are refused; its runs are lost and run again', async () => {
    const bench = await newBench()
    await bench.busy()
    await bench.begin()
    expect(bench.world.runs.get('run-1')?.result).toBe('lost')
    expect(await bench.finish('run-1', OK)).toMatchObject({ refusal: { code: 'notInFlight' } })
    await bench.reach('n1')
    expect(bench.runner.started).toEqual(['run-1', 'run-2'])
  })

  test('of contact with a node that is gone are heard and mean nothing', async () => {
    const bench = await newBench()
    await bench.begin()
    await bench.commit('n1', 'n2')
    await bench.commit('n2')
    expect(await bench.reach('n1')).toEqual({ ok: true, value: [] })
    expect(await bench.engine.ask({ kind: 'reportConnectionLost', node: 'n1' })).toEqual({
      ok: true,
      value: [],
    })
  })

  test('of a lost connection bring a new contact before the next run', async () => {
    const bench = await newBench()
    await bench.busy()
    await bench.finish('run-1', OK)
    await bench.engine.ask({ kind: 'reportConnectionLost', node: 'n1' })
    expect(bench.runner.contacted).toEqual(['n1'])
    await bench.engine.ask({ kind: 'retryNodeRole', nodeRole: 'd/n1/one', by: 'ann' })
    expect([bench.runner.contacted, bench.runner.started]).toEqual([['n1', 'n1'], ['run-1']])
  })
})

describe('a runner', () => {
  test('that died is replaced: contacts and runs that it was told of go to the next', async () => {
    const bench = await newBench()
    await bench.begin()
    await bench.commit('n1')
    expect(bench.runner.contacted).toEqual(['n1'])
    bench.engine.useRunner(undefined)
    await bench.begin()
    expect(bench.runner.contacted).toEqual(['n1', 'n1'])
  })
})

test('a report costs what it is about, however many are in flight', async () => {
  const bench = await newBench()
  await bench.begin()
  const nodes = Array.from({ length: 300 }, (_, i) => `n${i}`)
  await bench.commit(...nodes)
  await Promise.all(nodes.map((node) => bench.reach(node)))
  let asked = 0
  const { inFlight } = bench.world
  inFlight[Symbol.iterator] = function* () {
    for (const record of inFlight.values()) {
      asked++
      yield record
    }
  } as typeof inFlight.values
  for (let run = 1; run <= 10; run++) await bench.finish(`run-${run}`, OK)
  expect([inFlight.size, bench.runner.started.length, asked]).toEqual([290, 300, 0])
})

describe('snapshots', () => {
  test('are written every so many events, and a restart from one is the same world', async () => {
    const bench = await newBench({ snapshotEvery: 3 })
    await bench.busy()
    await bench.finish('run-1', OK)
    await turns()
    const kept = await bench.journal.snapshot()
    expect(kept?.seq).toBeGreaterThan(3)
    const { world, sinceSnapshot } = await remember(bench.journal, language)
    expect(sinceSnapshot).toBeLessThan(3)
    expect(takeSnapshot(world)).toEqual(takeSnapshot(bench.world))
  })

  test('a large fleet is not written anew every few turns', async () => {
    const bench = await newBench()
    const { journal } = bench
    let snapshots = 0
    const put = journal.putSnapshot.bind(journal)
    journal.putSnapshot = (snapshot) => (snapshots++, put(snapshot))
    await bench.begin()
    const nodes = Array.from({ length: 5_000 }, (_, i) => `n${i}`)
    await bench.commit(...nodes)
    // 7,500 events by now in four turns: enough to write 2,000 node-roles several times over, and these once.
    for (let from = 0; from < 2_500; from += 625)
      await Promise.all(nodes.slice(from, from + 625).map((node) => bench.reach(node)))
    expect([bench.world.nodeRoles.size, snapshots]).toEqual([5_000, 1])
  })

  test('are written while turns go on, and are of the moment at which they were begun', async () => {
    const gate = new Gate()
    const bench = await newBench({ faults: { beforeWrite: () => gate.pass() } })
    const { journal } = bench
    const begun: string[] = []
    const put = journal.putSnapshot.bind(journal)
    journal.putSnapshot = (snapshot) => {
      begun.push(JSON.stringify(takeSnapshot(bench.world)))
      return put(snapshot)
    }
    await bench.begin()
    const nodes = Array.from({ length: 1_500 }, (_, i) => `n${i}`)
    await bench.commit(...nodes)
    await Promise.all(nodes.map((node) => bench.reach(node)))
    const seq = await journal.head()
    expect(begun).toHaveLength(1)
    // It has hundreds of parts less to write than there are turns here, and none waits for all of them.
    let turnsBefore = 0
    while (!(await journal.snapshot())) {
      await bench.finish(`run-${++turnsBefore}`, OK)
      expect(turnsBefore).toBeLessThan(100)
    }
    const kept = await journal.snapshot()
    expect([kept?.seq, turnsBefore > 1]).toEqual([seq, true])
    const then = restoreSnapshot(kept?.state ?? null, language)
    expect(JSON.parse(JSON.stringify(takeSnapshot(then)))).toEqual(JSON.parse(begun[0] as string))
    const { world } = await remember(journal, language)
    expect(takeSnapshot(world)).toEqual(takeSnapshot(bench.world))
  })

  test('one whose node-roles are bound otherwise by now is left aside', async () => {
    const bench = await newBench()
    await bench.busy()
    await bench.finish('run-1', OK)
    const digest = [...bench.world.nodeRoles.values()][0]?.success?.digest ?? ''
    const other = JSON.stringify(takeSnapshot(bench.world)).replaceAll(digest, 'f'.repeat(64))
    const seq = await bench.journal.head()
    await bench.journal.putSnapshot({ seq, version: SNAPSHOT_VERSION, state: JSON.parse(other) as Json })
    const { world, sinceSnapshot } = await remember(bench.journal, language)
    expect([digest.length, sinceSnapshot]).toEqual([64, seq])
    expect(takeSnapshot(world)).toEqual(takeSnapshot(bench.world))
  })

  test('one of another version is left aside', async () => {
    const bench = await newBench()
    await bench.busy()
    await bench.journal.putSnapshot({ seq: await bench.journal.head(), version: 0, state: 'of old' })
    const { world } = await remember(bench.journal, language)
    expect(takeSnapshot(world)).toEqual(takeSnapshot(bench.world))
  })
})

// --- The bench --------------------------------------------------------------------------------------------------------
