// Finds the circles of a directed graph by names.

/** Each circle once, beginning with the name that comes first. */
export function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const found = new Map<string, string[]>()
  const done = new Set<string>()
  for (const start of edges.keys()) walk(start, [])
  return [...found.values()]

  function walk(name: string, path: string[]): void {
    const at = path.indexOf(name)
    if (at >= 0) {
      const circle = path.slice(at)
      const first = circle.indexOf([...circle].sort()[0] as string)
      const turned = [...circle.slice(first), ...circle.slice(0, first)]
      found.set(turned.join('\0'), turned)
      return
    }
    if (done.has(name)) return
    for (const next of edges.get(name) ?? []) walk(next, [...path, name])
    done.add(name)
  }
}
