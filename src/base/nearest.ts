// The nearest right word, for refusals that say what was probably meant.

/** Nobody mistypes such a word, and comparing two costs the product of their lengths. */
const LONGEST = 200

/** The candidate within a third of the word's length in edits, or undefined. Of a single letter nothing is left by an edit. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  if (word.length > LONGEST) return undefined
  const most = word.length > 1 ? Math.max(1, Math.floor(word.length / 3)) : 0
  let bestDistance = most + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Optimal string alignment distance (edits and swaps of neighbours), cut off at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let previous: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const edit = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, substitution)
      next[j] = swap ? Math.min(edit, (previous[j - 2] as number) + 1) : edit
    }
    previous = row
    row = next
  }
  return row[b.length] as number
}
