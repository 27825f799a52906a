// The seed of tests that roll dice: the same each time, so that a commit passes or fails once for all; another one where somebody asks.

/** ANNEAL_SEED is a number that tells a run again, or `new` for one that nobody has seen. */
export function seedOr(usual: number): number {
  const asked = process.env['ANNEAL_SEED']
  if (asked === undefined) return usual
  return asked === 'new' ? Date.now() % 1_000_000_000 : Number(asked)
}
