// Few samples in three figures: the median, and the least and the most of them.

export interface Spread {
  median: number
  least: number
  most: number
  /** In the order in which they were taken. */
  samples: readonly number[]
}

/** Undefined without samples. */
export function spreadOf(samples: readonly number[]): Spread | undefined {
  const sorted = samples.toSorted((a, b) => a - b)
  const [least, most] = [sorted[0], sorted.at(-1)]
  if (least === undefined || most === undefined) return undefined
  const upper = sorted[sorted.length >> 1] as number
  const lower = sorted[(sorted.length - 1) >> 1] as number
  return { median: (lower + upper) / 2, least, most, samples }
}
