// What happens to whom, after which pause and for how long: all of it from a seed, and nothing of it from a clock.
import { type Dice, dice } from '../simulation/dice.ts'

export const MEMBERS = ['etcd-1', 'etcd-2', 'etcd-3', 'etcd-4', 'etcd-5'] as const

/** What befalls a host; each takes its member out of the quorum for a while, or may. */
export const FAULTS = [
  'power lost',
  'shut down',
  'rebooted',
  'cut off',
  'parted from two others',
  'slowed',
  'frozen',
  'disk full',
  'sshd killed',
  'etcd killed',
  'changed by hand',
] as const

/** What befalls Anneal, and what operators do meanwhile. What comes more often stands here more often. */
export const DEEDS = [
  'kill -9',
  'kill -9',
  'kill -9',
  'commit',
  'commit',
  'hold',
  'rinse',
  'leave and return',
  'run',
  'cancel',
  'retry',
  'look',
] as const

export type Fault = (typeof FAULTS)[number]
export type Deed = (typeof DEEDS)[number]

export interface Card<Kind> {
  kind: Kind
  member: string
  pauseMs: number
  lastsMs: number
  /** From 0 to 1, for whatever else has to be chosen. */
  roll: number
}

/** Two rows of faults go on beside each other, so that two machines are hurt at once most of the time. */
export function faultCards(seed: number, row: number): Generator<Card<Fault>, never> {
  return cards(dice(seed, 'faults', row), FAULTS, { least: 500, most: 4_000 })
}

export function deedCards(seed: number): Generator<Card<Deed>, never> {
  return cards(dice(seed, 'deeds'), DEEDS, { least: 1_000, most: 8_000 })
}

/** After how long the first sessions are killed, while the cluster is being founded. */
export function foundingKills(seed: number): number[] {
  const chance = dice(seed, 'founding')
  return [chance.between(1_000, 6_000), chance.between(2_000, 12_000), chance.between(3_000, 15_000)]
}

/** A pack is dealt to its end before it is shuffled again: a short fire has a bit of everything, too. */
function* cards<Kind>(
  chance: Dice,
  pack: readonly Kind[],
  pause: { least: number; most: number },
): Generator<Card<Kind>, never> {
  for (;;) {
    for (const kind of shuffled(pack, chance)) {
      yield {
        kind,
        member: chance.pick(MEMBERS),
        pauseMs: chance.between(pause.least, pause.most),
        lastsMs: chance.between(2_000, 15_000),
        roll: chance.roll(),
      }
    }
  }
}

function shuffled<Kind>(pack: readonly Kind[], chance: Dice): Kind[] {
  const left = [...pack]
  return pack.map(() => left.splice(chance.below(left.length), 1)[0] as Kind)
}
