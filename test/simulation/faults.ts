// Faults, and what operators do at the worst moment: a table of steps, how often each comes, and what it does.
import { type Dice, dice } from './dice.ts'
import { RINSE_SIZES } from '../support/rinses.ts'
import { SCOPE_SIZES, type ScopeSize } from '../support/scopes.ts'
import { MACHINES } from './sites.ts'
import type { Story } from './story.ts'
import type { Universe } from './universe.ts'

type Args = Record<string, number | string | boolean>

/** When, what, and with what: plain data, so that a story can be kept in a file. */
export type Step = { at: number; do: string } & Args

interface Kind {
  weight: number
  make(dice: Dice): Args
  play(universe: Universe, args: Args): void
}

/** Between two steps: often nothing but a moment, sometimes long enough for everything to settle. */
const PAUSES_MS = [0, 3, 30, 300, 1_000, 4_000, 20_000]

/** Most trouble needs few steps; some only comes of many. */
const LENGTHS = [8, 25, 25, 60]

export function storyOf(seed: number): Story {
  const rolls = dice(seed, 'story')
  const kinds = Object.entries(STEPS).map(([name, kind]) => ({ name, ...kind }))
  const steps: Step[] = []
  let at = rolls.pick([0, 100, 5_000, 30_000])
  for (let count = rolls.between(3, rolls.pick(LENGTHS)); count > 0; count--) {
    const kind = rolls.weighted(kinds)
    steps.push({ at, do: kind.name, ...kind.make(rolls) })
    at += rolls.below(rolls.pick(PAUSES_MS) + 1)
  }
  const kind = dice(seed, 'kind').roll()
  const by = kind < 0.3 ? 'commands' : 'server'
  return { seed, by, wild: kind > 0.8, demanding: dice(seed, 'demands').chance(0.4), steps }
}

export function play(universe: Universe, step: Step): void {
  const kind = STEPS[step.do]
  if (!kind) throw new Error(`there is no step ${step.do}`)
  const { at: _at, do: _do, ...args } = step
  const words = Object.entries(args).map(([name, value]) => `${name} ${value}`)
  universe.stage.tell(`* ${[step.do, ...words].join(', ')}`)
  kind.play(universe, args)
}

const anyMs = (rolls: Dice): number => rolls.between(1, rolls.pick([50, 1_000, 8_000, 40_000]))
const machineFor = (rolls: Dice): Args => ({ machine: rolls.pick(MOST_OFTEN), ms: anyMs(rolls) })
/** Small sites have the first ones only. */
const MOST_OFTEN = [...MACHINES, 'n1', 'n2', 'n3', 'n1', 'n2']
const nothing = (): Args => ({})
const which = (rolls: Dice): Args => ({ which: rolls.below(1_000) })
const anyScope = (rolls: Dice): Args => ({ ...which(rolls), size: rolls.pick(SCOPE_SIZES) })

function sizeOf({ size }: Args): ScopeSize {
  return SCOPE_SIZES.find((one) => one === size) ?? 'site'
}

const STEPS: Readonly<Record<string, Kind>> = {
  // Operators.
  commit: {
    weight: 10,
    make: (rolls) => ({ roll: rolls.below(1_000_000) }),
    play: (universe, { roll }) => universe.site.commit(universe.anyChange(Number(roll))),
  },
  sayElsewhere: {
    weight: 4,
    make: (rolls) => ({ roll: rolls.below(1_000_000) }),
    play: (universe, { roll }) => universe.site.commit(universe.anySaying(Number(roll))),
  },
  proposeOnly: {
    weight: 2,
    make: (rolls) => ({ roll: rolls.below(1_000_000) }),
    play: (universe, { roll }) => universe.site.propose(universe.anyChange(Number(roll))),
  },
  changeOfMind: {
    weight: 3,
    make: (rolls) => ({
      roll: rolls.below(1_000_000),
      ms: rolls.between(10, 3_000),
      meanwhile: rolls.pick(['kill', 'stop', 'lose the runner', 'nothing']),
    }),
    play: (universe, { roll, ms, meanwhile }) => {
      const { site, stage } = universe
      site.commit(universe.anyChange(Number(roll)))
      stage.time.after(Number(ms), () => {
        if (meanwhile === 'kill') site.kill()
        if (meanwhile === 'stop') site.stop()
        if (meanwhile === 'lose the runner') site.loseRunner()
      })
      stage.time.after(Number(ms) + 3_000, () => site.takeBack())
    },
  },
  commitProposal: {
    weight: 2,
    make: which,
    play: (universe, args) => universe.site.commitProposal(Number(args['which'])),
  },
  rollBack: {
    weight: 1,
    make: which,
    play: (universe, args) => universe.site.rollBack(Number(args['which'])),
  },
  discardProposal: {
    weight: 1,
    make: which,
    play: (universe, args) => universe.site.discard(Number(args['which'])),
  },
  retry: {
    weight: 4,
    make: which,
    play: (universe, args) => universe.site.retry(Number(args['which'])),
  },
  rinse: {
    weight: 3,
    make: (rolls) => ({ ...which(rolls), size: rolls.pick(RINSE_SIZES), once: rolls.chance(0.3) }),
    play: (universe, args) => {
      const size = RINSE_SIZES.find((one) => one === args['size']) ?? 'all'
      universe.site.rinse(Number(args['which']), size, args['once'] === true)
    },
  },
  hold: {
    weight: 3,
    make: anyScope,
    play: (universe, args) => universe.site.hold('hold', Number(args['which']), sizeOf(args)),
  },
  release: {
    weight: 3,
    make: anyScope,
    play: (universe, args) => universe.site.hold('release', Number(args['which']), sizeOf(args)),
  },
  approve: {
    weight: 2,
    make: anyScope,
    play: (universe, args) => universe.site.approve(Number(args['which']), sizeOf(args)),
  },
  only: {
    weight: 1,
    make: anyScope,
    play: (universe, args) => universe.site.only(Number(args['which']), sizeOf(args)),
  },
  cancel: {
    weight: 3,
    make: which,
    play: (universe, args) => universe.site.cancel(Number(args['which'])),
  },
  lookForDrift: {
    weight: 2,
    make: (rolls) => ({ repair: rolls.chance(0.5) }),
    play: (universe, { repair }) => void universe.site.lookForDrift(repair === true),
  },
  exec: {
    weight: 1,
    make: which,
    play: (universe, args) => universe.site.exec(Number(args['which'])),
  },
  available: {
    weight: 2,
    make: (rolls) => ({ machine: rolls.pick(MACHINES), available: rolls.chance(0.5) }),
    play: (universe, { machine, available }) =>
      universe.site.setAvailable(String(machine), available === true),
  },
  forget: {
    weight: 1,
    make: (rolls) => ({ machine: rolls.pick(MACHINES) }),
    play: (universe, { machine }) => universe.site.forget(String(machine)),
  },
  interrupt: { weight: 1, make: nothing, play: (universe) => universe.site.interrupt() },

  // The server, its runner and its clock.
  kill: { weight: 6, make: nothing, play: (universe) => universe.site.kill() },
  stop: { weight: 2, make: nothing, play: (universe) => universe.site.stop() },
  loseRunner: { weight: 3, make: nothing, play: (universe) => universe.site.loseRunner() },
  clockJumps: {
    weight: 3,
    make: (rolls) => ({
      ms: (rolls.chance(0.5) ? -1 : 1) * rolls.pick([100, 10_000, 3_600_000, 86_400_000]),
    }),
    play: (universe, { ms }) => {
      universe.stage.time.skew += Number(ms)
    },
  },

  // The disk under the journal.
  killAtWrite: {
    weight: 4,
    make: (rolls) => ({ when: rolls.pick(['before', 'after']) }),
    play: ({ disk }, { when }) => {
      disk.next = { what: 'kills', when: when === 'after' ? 'after' : 'before' }
    },
  },
  failAtWrite: {
    weight: 2,
    make: (rolls) => ({ when: rolls.pick(['before', 'after']) }),
    play: ({ disk }, { when }) => {
      disk.next = { what: 'fails', when: when === 'after' ? 'after' : 'before' }
    },
  },
  diskFull: {
    weight: 1,
    make: (rolls) => ({ ms: anyMs(rolls) }),
    play: ({ disk, stage }, { ms }) => {
      disk.full = true
      stage.time.after(Number(ms), () => {
        disk.full = false
      })
    },
  },
  diskSlow: {
    weight: 2,
    make: (rolls) => ({ slowMs: rolls.between(10, 3_000), ms: anyMs(rolls) }),
    play: ({ disk, stage }, { slowMs, ms }) => {
      disk.slowMs = Number(slowMs)
      stage.time.after(Number(ms), () => {
        disk.slowMs = 0
      })
    },
  },

  // Reports on their way.
  reportsLate: {
    weight: 2,
    make: (rolls) => ({ share: rolls.pick([0.2, 1]), ms: anyMs(rolls) }),
    play: (universe, { share, ms }) => {
      universe.post.habits.late = Number(share)
      universe.stage.time.after(Number(ms), () => {
        universe.post.habits.late = 0
      })
    },
  },
  reportsTwice: {
    weight: 2,
    make: (rolls) => ({ share: rolls.pick([0.2, 1]), ms: anyMs(rolls) }),
    play: (universe, { share, ms }) => {
      universe.post.habits.doubled = Number(share)
      universe.stage.time.after(Number(ms), () => {
        universe.post.habits.doubled = 0
      })
    },
  },
  reportForged: {
    weight: 2,
    make: (rolls) => ({ which: rolls.below(1_000), token: rolls.between(-1, 1) }),
    play: (universe, args) => universe.site.forgeReport(Number(args['which']), Number(args['token'])),
  },

  // Hosts and the way to them.
  hostDies: {
    weight: 3,
    make: machineFor,
    play: (universe, { machine, ms }) =>
      universe.during(machine, ms, (host, on) => host.change({ power: on ? 'off' : 'up' })),
  },
  hostHangs: {
    weight: 2,
    make: machineFor,
    play: (universe, { machine, ms }) =>
      universe.during(machine, ms, (host, on) => host.change({ power: on ? 'hung' : 'up' })),
  },
  hostCut: {
    weight: 4,
    make: (rolls) => ({ ...machineFor(rolls), way: rolls.pick(['to', 'from', 'both']) }),
    play: (universe, { machine, ms, way }) => {
      const blocked = way === 'to' || way === 'from' ? way : 'both'
      universe.during(machine, ms, (host, on) => host.block(blocked, on))
    },
  },
  hostGarbage: {
    weight: 2,
    make: machineFor,
    play: (universe, { machine, ms }) =>
      universe.during(machine, ms, (host, on) => host.change({ answersGarbage: on })),
  },
  hostDenies: {
    weight: 1,
    make: machineFor,
    play: (universe, { machine, ms }) =>
      universe.during(machine, ms, (host, on) => host.change({ denied: on })),
  },
  hostFull: {
    weight: 1,
    make: machineFor,
    play: (universe, { machine, ms }) =>
      universe.during(machine, ms, (host, on) => host.change({ full: on })),
  },
  hostSlow: {
    weight: 2,
    make: (rolls) => ({ ...machineFor(rolls), times: rolls.pick([3, 20, 100]) }),
    play: (universe, { machine, ms, times }) =>
      universe.during(machine, ms, (host, on) => host.change({ slow: on ? Number(times) : 1 })),
  },
  hostFails: {
    weight: 3,
    make: (rolls) => ({ ...machineFor(rolls), share: rolls.pick([0.3, 1]) }),
    play: (universe, { machine, ms, share }) =>
      universe.during(machine, ms, (host, on) => host.change({ flaky: on ? Number(share) : 0 })),
  },
  handsOn: {
    weight: 2,
    make: (rolls) => ({ machine: rolls.pick(MOST_OFTEN), ...which(rolls) }),
    play: (universe, args) => universe.layHandsOn(String(args['machine']), Number(args['which'])),
  },
  factsChange: {
    weight: 1,
    make: (rolls) => ({ machine: rolls.pick(MACHINES), cpus: rolls.between(1, 4) }),
    play: (universe, { machine, cpus }) =>
      universe.hosts.get(String(machine))?.change({ cpus: Number(cpus) }),
  },
}

/** For who wants to know that all of them come. */
export const STEP_NAMES = Object.keys(STEPS)
