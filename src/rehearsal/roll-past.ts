// Rolling the past: how long a run takes that is carried out once more, as one of those that were like it.
import { type Alike, RECENT } from '../annealer/past-runs.ts'
import { type Dice, rollNormal } from './dice.ts'

/** `deviation`: how far such as are alike are apart, on a logarithmic scale. */
export function rollAlike({ all, own, otherCause }: Alike, deviation: number, dice: Dice): number {
  // The more a node-role has a past of its own, the less that of others counts.
  const from = dice.roll() * (own.length + 1) < own.length ? own : all
  // The fewer there are, the less sure it is that there is nothing between and beyond them.
  const unsure = deviation / Math.sqrt(from.length)
  // In which order they ran for something else tells nothing.
  const one = otherCause ? rollOne(from, dice) : rollRecent(from, dice)
  return one * Math.exp(unsure * rollNormal(dice))
}

/** The later ones more often, each so often as `RECENT` says. */
function rollRecent(values: readonly number[], dice: Dice): number {
  const back = Math.log(1 - dice.roll() * (1 - RECENT ** values.length)) / Math.log(RECENT)
  return values[values.length - 1 - Math.min(values.length - 1, Math.floor(back))] as number
}

export function rollOne(values: readonly number[], dice: Dice): number {
  return values[Math.floor(dice.roll() * values.length)] as number
}
