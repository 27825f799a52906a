// Globs over paths: `*` and `?` within one part of a path, `**` across parts; all else stands for itself.

/**
 * All ways through the glob are followed at once, so that none takes longer than its length times that of the path: as a
 * regular expression, `*a*a*a*a*a*a*a*ab` takes minutes for some paths.
 */
export function matchesGlob(glob: string, path: string): boolean {
  const tokens = glob.match(/\*\*\/?|[\s\S]/g) ?? []
  let here = new Set<number>()
  enter(here, 0)
  for (const character of path.split('')) {
    const next = new Set<number>()
    for (const place of here) step(next, place, character)
    here = next
  }
  return here.has(tokens.length)

  function step(next: Set<number>, place: number, character: string): void {
    const token = tokens[place]
    switch (token) {
      case '**/':
        // What it stands for is nothing, or ends in a slash.
        next.add(place)
        if (character === '/') enter(next, place + 1)
        return
      case '**':
        return enter(next, place)
      case '*':
        if (character !== '/') enter(next, place)
        return
      case '?':
        if (character !== '/') enter(next, place + 1)
        return
      default:
        if (character === token) enter(next, place + 1)
    }
  }

  /** Tokens that may stand for nothing are passed at once. */
  function enter(places: Set<number>, place: number): void {
    places.add(place)
    const token = tokens[place]
    if (token === '*' || token === '**' || token === '**/') enter(places, place + 1)
  }
}
