// A defect: one deliberate mistake as a change of text, and the narrowest tests that must notice it.

export interface Defect {
  /** What is wrong with it, in one sentence without a full stop. */
  name: string
  file: string
  /** Stands exactly once in the file; else the defect has gone stale. */
  find: string
  put: string
  /** Tried in this order; the first that fails has caught it. */
  caughtBy: readonly Selection[]
}

/** Tests of one file. */
export interface Selection {
  path: string
  /** Those whose names this pattern fits; all, where it is not said. */
  only?: string
  /** For laws: where the dice begin, and how often they are thrown. */
  seed?: number
  runs?: number
}

/** The text of the file with the mistake in it; undefined when the defect has gone stale. */
export function harmed(text: string, { find, put }: Defect): string | undefined {
  const at = text.indexOf(find)
  if (at < 0 || text.includes(find, at + 1)) return undefined
  return text.slice(0, at) + put + text.slice(at + find.length)
}

/** Scripts about the heart, by their names without ending. */
export function scripts(...names: string[]): Selection {
  return { path: 'test/scripts/annealer.test.ts', only: names.map((name) => `${name}\\.txt`).join('|') }
}

export function laws(seed: number, runs: number): Selection {
  return { path: 'test/laws/annealer.test.ts', seed, runs }
}

export function tests(path: string, only?: string): Selection {
  return only === undefined ? { path } : { path, only }
}
