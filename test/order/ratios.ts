// Shares of many ratios: the one that so many of them do not exceed.

/** By nearest rank, so that it is one of them. */
export function atShare(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
