// Dice: chance from a seed and a name, so that each run rolls its own and a change elsewhere does not change what it rolls.

export interface Dice {
  /** From 0 to 1, 1 not included. */
  roll(): number
  chance(share: number): boolean
}

/** The same seed and name give the same rolls, whatever else is rolled elsewhere. */
export function dice(seed: number, name: string): Dice {
  let state = hashOf(`${seed} ${name}`)
  const roll = (): number => {
    // Mulberry32: small, quick, and good enough for durations.
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { roll, chance: (share) => roll() < share }
}

/** FNV-1a, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** The mean distance from the mean is 0.8 of the standard deviation, where values are spread normally. */
const DEVIATION_OF_DISTANCE = 1.25

/** A duration by its mean and its mean distance from it: log-normal, so that it is never negative and sometimes long. */
export function rollDuration(dice: Dice, ms: number, spread: number): number {
  if (ms <= 0) return 0
  const share = (DEVIATION_OF_DISTANCE * spread) / ms
  const variance = Math.log(1 + share ** 2)
  return Math.round(Math.exp(Math.log(ms) - variance / 2 + Math.sqrt(variance) * rollNormal(dice)))
}

/** Spread normally, with mean 0 and deviation 1, by Box-Muller. */
export function rollNormal(dice: Dice): number {
  return Math.sqrt(-2 * Math.log(1 - dice.roll())) * Math.cos(2 * Math.PI * dice.roll())
}
