// Dice: chance from a seed and a name, so that each corner of a story rolls its own and none disturbs another.

export interface Dice {
  /** From 0 to 1, 1 not included. */
  roll(): number
  chance(share: number): boolean
  below(count: number): number
  between(least: number, most: number): number
  pick<T>(items: readonly T[]): T
  /** By weight; at least one must weigh something. */
  weighted<T extends { weight: number }>(items: readonly T[]): T
}

/** The same seed and name give the same rolls, whatever else is rolled elsewhere. */
export function dice(seed: number, ...name: (string | number)[]): Dice {
  let state = hashOf(`${seed} ${name.join(' ')}`)
  const roll = (): number => {
    // Mulberry32: small, quick, and good enough to pick faults.
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number): number => Math.floor(roll() * count)
  return {
    roll,
    below,
    chance: (share) => roll() < share,
    between: (least, most) => least + Math.floor(roll() * (most - least + 1)),
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    weighted(items) {
      let rest = roll() * items.reduce((sum, { weight }) => sum + weight, 0)
      const found = items.find(({ weight }) => (rest -= weight) < 0)
      return (found ?? items.at(-1)) as (typeof items)[number]
    },
  }
}

/** FNV-1a. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
