// Laws of the desk, told by random histories: each thing is reported once, by whom holds it, whatever is lost, late or said twice.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Role } from '../../src/model/role.ts'
import type { RunOrder, RunOutcome } from '../../src/model/run.ts'
import { type AsideWork, type LogPiece, RUNNER_PROTOCOL, type Told } from '../../src/model/runner-talk.ts'
import { seedOr } from '../support/seed.ts'
import type { Ended } from '../../src/runner/aside.ts'
import { LeaseDesk } from '../../src/runner/lease-desk.ts'
import { LogKeeper } from '../../src/runner/log-keeper.ts'
import type { Report } from '../../src/runner/runner.ts'

const LEASE_MS = 1_000
const ROLE = { outputs: {}, files: [] } as unknown as Role

/** A clock that a test moves. */
function handClock() {
  let now = 0
  const timers = new Map<number, { at: number; wake: () => void }>()
  let numbers = 0
  return {
    now: () => now,
    after(ms: number, wake: () => void) {
      const number = ++numbers
      timers.set(number, { at: now + ms, wake })
      return () => void timers.delete(number)
    },
    pass(ms: number) {
      const until = now + ms
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0]
        if (!due) break
        timers.delete(due[0])
        now = Math.max(now, due[1].at)
        due[1].wake()
      }
      now = until
    },
    /** All at once, as after a pause of the whole process. */
    jump(ms: number) {
      now += ms
      for (const [number, { at, wake }] of timers) if (at <= now && timers.delete(number)) wake()
    },
  }
}

function deskAt(clock = handClock()) {
  const reports: Report[] = []
  const desk = new LeaseDesk({
    leaseMs: LEASE_MS,
    clock,
    report: (report) => reports.push(report),
    schema: () => () => undefined,
    prepare: async (work) => ({ ok: true, work }),
    keepLog: () => new LogKeeper({ path: '/nowhere', mostBytes: 1_000_000, open: async () => nowhere }),
  })
  desk.open()
  return {
    desk,
    clock,
    reports,
    runsTold: () => reports.flatMap((one) => (one.kind === 'reportRun' ? [one] : [])),
  }
}

const written: string[] = []
const nowhere = {
  writeFile: async (bytes: Uint8Array) => void written.push(Buffer.from(bytes).toString()),
  close: async () => {},
}

function come(desk: LeaseDesk, runner: string, segment = 'a', slots = 4, protocol = RUNNER_PROTOCOL): void {
  const key = `${runner} ${Math.random()}`
  desk.begin({ runner, labels: { segment }, slots, version: '0', protocol, draining: false, key })
}

function order(number: number, segment = 'a'): RunOrder {
  return {
    run: `run-${number}`,
    token: number,
    nodeRole: `d/n${number}/r`,
    action: 'apply',
    node: { name: `n${number}`, transport: { kind: 'local' }, runner: { segment } },
    role: ROLE,
    inputs: {},
    sensitive: [],
    references: [],
    deadlineMs: 1_000,
  }
}

function ok(hand: number): Told {
  return { kind: 'run', hand, outcome: { result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 } }
}

function command(number: number, segment = 'a'): AsideWork {
  const { node = { name: '', transport: { kind: 'local' } } } = order(number, segment)
  const of = `exec-${number}`
  return { kind: 'exec', of, order: { exec: of, node, argv: [], become: false, deadlineMs: 1_000 } }
}

const WELL = {
  run: ok,
  exec: (hand: number): Told => ({ kind: 'exec', hand, outcome: { result: 'done', exit: 0, durationMs: 1 } }),
}

const at = AbortSignal.abort()
async function handedTo(desk: LeaseDesk, runner: string, claim: number, free = 10) {
  await Promise.resolve()
  const claimed = await desk.claim(runner, { claim, free }, at)
  return claimed.ok ? claimed.value.handed : claimed.refusal.code
}

test('what is handed over is told again to who asks with the same number, and not to who asks with the next', async () => {
  const { desk } = deskAt()
  come(desk, 'r1')
  desk.start(order(1))
  const first = await handedTo(desk, 'r1', 1)
  expect(first).toHaveLength(1)
  expect(await handedTo(desk, 'r1', 1)).toEqual(first)
  expect(await handedTo(desk, 'r1', 2)).toEqual([])
  await desk.close()
})

test('each gets what its labels are for, and takes over what waits for others with the same', async () => {
  const { desk } = deskAt()
  come(desk, 'r1', 'a')
  come(desk, 'r2', 'b')
  for (const number of [1, 2, 3]) desk.start(order(number, 'a'))
  desk.start(order(4, 'b'))
  expect(await handedTo(desk, 'r2', 1)).toMatchObject([{ work: { order: { run: 'run-4' } } }])
  come(desk, 'r3', 'a')
  expect(await handedTo(desk, 'r3', 1)).toHaveLength(3)
  await desk.close()
})

test('what a runner held when its lease ended is lost, and its late word is refused', async () => {
  const { desk, clock, reports, runsTold } = deskAt()
  come(desk, 'r1')
  desk.start(order(1))
  const [one] = (await handedTo(desk, 'r1', 1)) as { hand: number }[]
  clock.pass(LEASE_MS * 2)
  expect(reports.at(-2)).toMatchObject({ kind: 'reportRunnerGone', runner: 'r1' })
  expect(runsTold()).toMatchObject([{ run: 'run-1', outcome: { fault: { code: 'runnerLost' } } }])
  expect(await desk.report('r1', { told: [ok(one?.hand ?? 0)], lost: [] })).toMatchObject({
    refusal: { code: 'leaseOver' },
  })
  come(desk, 'r1')
  expect(await desk.report('r1', { told: [ok(one?.hand ?? 0)], lost: [] })).toMatchObject({
    value: { taken: [], refused: [1] },
  })
  expect(runsTold()).toHaveLength(1)
  await desk.close()
})

test('where the server itself was held up, nobody is lost', async () => {
  const { desk, clock, runsTold } = deskAt()
  come(desk, 'r1')
  desk.start(order(1))
  await handedTo(desk, 'r1', 1)
  clock.jump(LEASE_MS * 10)
  expect(runsTold()).toEqual([])
  expect(desk.beat('r1', { holds: [1], leaving: false })).toMatchObject({ ok: true })
  await desk.close()
})

test('a connection that is lost is told of by whom it was, where no run says it; a command beside it hides nothing', async () => {
  const { desk, reports } = deskAt()
  for (const runner of ['r1', 'r2']) come(desk, runner, runner)
  const lost = (): unknown[] => reports.filter(({ kind }) => kind === 'reportConnectionLost')
  const told = { told: [], lost: ['n1'] }
  desk.start(order(1, 'r1'))
  await handedTo(desk, 'r1', 1)
  await desk.report('r1', told)
  expect(lost()).toEqual([])
  await desk.report('r1', { told: [ok(1)], lost: [] })
  await desk.report('r2', told)
  expect(lost()).toEqual([])
  desk.aside(command(1, 'r1'), { report: () => {}, notice: () => {} })
  expect(await handedTo(desk, 'r1', 2)).toHaveLength(1)
  await desk.report('r1', told)
  expect(lost()).toEqual([{ kind: 'reportConnectionLost', node: 'n1' }])
  await desk.close()
})

test('a runner of before is asked for no command', async () => {
  const { desk } = deskAt()
  come(desk, 'old', 'a', 4, RUNNER_PROTOCOL - 1)
  come(desk, 'new')
  for (const number of [1, 2]) desk.aside(command(number), { report: () => {}, notice: () => {} })
  expect(await handedTo(desk, 'old', 1)).toEqual([])
  expect(await handedTo(desk, 'new', 1)).toHaveLength(2)
  await desk.close()
})

test('outputs that the role does not have are no success', async () => {
  const { desk, runsTold } = deskAt()
  come(desk, 'r1')
  desk.start(order(1))
  await handedTo(desk, 'r1', 1)
  const outcome = {
    result: 'ok',
    outputs: { made_up: 1 },
    filesChanged: [],
    durationMs: 1,
  } satisfies RunOutcome
  await desk.report('r1', { told: [{ kind: 'run', hand: 1, outcome }], lost: [] })
  expect(runsTold()).toMatchObject([{ outcome: { result: 'failed', retry: false } }])
  await desk.close()
})

test('what is told at too great length is not taken in', async () => {
  const { desk, runsTold } = deskAt()
  come(desk, 'r1')
  desk.start(order(1))
  await handedTo(desk, 'r1', 1)
  const tail = 'x'.repeat(5_000_000)
  const outcome = { result: 'failed', message: 'no', tail, retry: true, durationMs: 1 } satisfies RunOutcome
  await desk.report('r1', { told: [{ kind: 'run', hand: 1, outcome }], lost: [] })
  expect(runsTold()).toMatchObject([{ outcome: { fault: { code: 'garbled' } } }])
  await desk.close()
})

test('a log is taken in order, each piece once, of a run that is held', async () => {
  const { desk } = deskAt()
  come(desk, 'r1')
  desk.start(order(1))
  await handedTo(desk, 'r1', 1)
  written.length = 0
  expect(await unlogged(desk, 1, 0, 'o 0.001 a', 'o 0.002 b')).toEqual([])
  expect(await unlogged(desk, 1, 1, 'o 0.002 b', 'o 0.003 c')).toEqual([])
  expect(await unlogged(desk, 1, 5, 'o 0.004 d')).toEqual([1])
  expect(await unlogged(desk, 1, 3, 'no record')).toEqual([1])
  expect(await unlogged(desk, 2, 0, 'o 0.001 a')).toEqual([2])
  expect(written.join('')).toBe('o 0.001 a\no 0.002 b\no 0.003 c\n')
  await desk.close()
})

/** Of what `r1` tells of a log. */
async function unlogged(desk: LeaseDesk, hand: number, from: number, ...texts: string[]) {
  const pieces = texts.map((text): LogPiece => ({ text }))
  const taken = await desk.report('r1', { logs: [{ hand, from, pieces }], told: [], lost: [] })
  return taken.ok ? taken.value.unlogged : taken.refusal.code
}

const runner = fc.constantFrom('r1', 'r2', 'r3')
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('start' as const), segment: fc.constantFrom('a', 'b') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('aside' as const), segment: fc.constantFrom('a', 'b') }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('giveUp' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('come' as const), runner }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('claim', 'claim', 'claimAgain'), runner }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('tell' as const), which: fc.nat(), runner }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('lose', 'drain', 'resume', 'leave', 'cancel'), runner }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: LEASE_MS * 2 }) }),
  },
)

test('each run and each command is reported once, by its holder or in its place, however it went', () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { desk, clock, runsTold } = deskAt()
      let started = 0
      /** Of each command what was told of it, and what gives it up. */
      const asides: { told: Ended[]; giveUp: () => void }[] = []
      const allTold = (): number => runsTold().length + asides.flatMap(({ told }) => told).length
      const claims = new Map<string, number>()
      /** Who was handed which run under which number, by what they were told. */
      const hands: { runner: string; hand: number; kind: 'run' | 'exec'; epoch: number }[] = []
      const epochs = new Map<string, number>()
      const segmentOf: Record<string, string> = { r1: 'a', r2: 'a', r3: 'b' }
      const claim = async (runner: string, number: number): Promise<void> => {
        claims.set(runner, number)
        const handed = await handedTo(desk, runner, number, 2)
        for (const { hand, work } of typeof handed === 'string' ? [] : handed)
          if (work.kind === 'run' || work.kind === 'exec')
            hands.push({ runner, hand, kind: work.kind, epoch: epochs.get(runner) ?? 0 })
      }
      for (const one of steps) {
        if (one.do === 'start') desk.start(order(++started, one.segment))
        else if (one.do === 'aside') {
          const told: Ended[] = []
          const aside = { report: (ended: Ended) => void told.push(ended), notice: () => {} }
          asides.push({ told, giveUp: desk.aside(command(asides.length, one.segment), aside) })
        } else if (one.do === 'giveUp') asides[one.which % Math.max(1, asides.length)]?.giveUp()
        else if (one.do === 'pass') clock.pass(one.ms)
        else if (one.do === 'tell') {
          const told = hands[one.which % Math.max(1, hands.length)]
          const before = allTold()
          // Mostly by whom it was handed to; now and then by somebody else.
          const teller = one.which % 4 === 0 ? one.runner : (told?.runner ?? one.runner)
          if (told) await desk.report(teller, { told: [WELL[told.kind](told.hand)], lost: [] })
          // Whoever does not hold it, or not any more, changes nothing.
          const isIts = told?.runner === teller && told.epoch === epochs.get(teller)
          if (!isIts) expect(allTold()).toBe(before)
        } else if (one.do === 'come') {
          epochs.set(one.runner, (epochs.get(one.runner) ?? 0) + 1)
          claims.set(one.runner, 0)
          come(desk, one.runner, segmentOf[one.runner])
        } else if (one.do === 'claim') await claim(one.runner, (claims.get(one.runner) ?? 0) + 1)
        else if (one.do === 'claimAgain') await claim(one.runner, claims.get(one.runner) ?? 1)
        else if (one.do === 'lose') desk.lose(one.runner, 'it was lost')
        else if (one.do === 'leave') desk.beat(one.runner, { holds: [], leaving: true })
        else if (one.do === 'cancel') desk.cancel(`run-${started}`)
        else desk.setDraining(one.runner, one.do === 'drain')
        await new Promise((later) => setImmediate(later))
        const told = runsTold().map(({ run }) => run)
        expect(new Set(told).size).toBe(told.length)
        for (const aside of asides) expect(aside.told.length).toBeLessThan(2)
      }
      // In the end everybody is gone: what nobody told is told in their place.
      for (const runner of ['r1', 'r2', 'r3']) desk.lose(runner, 'the story is over')
      await new Promise((later) => setImmediate(later))
      expect(
        runsTold()
          .map(({ token }) => token)
          .sort((a, b) => a - b),
      ).toEqual(Array.from({ length: started }, (_, i) => i + 1))
      for (const { told } of asides) expect(told).toHaveLength(1)
      await desk.close()
    }),
    { seed: seedOr(7), numRuns: 200 },
  ))
