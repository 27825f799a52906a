// Addresses within the page, in one place: names are what DNS allows and pass as they are, run ids too.

export function nodeRolePath(id: string): string {
  return `/node-roles/${id}`
}

export function nodePath(node: string): string {
  return `/nodes/${node}`
}

export function revisionPath(revision: number): string {
  return `/timeline/${revision}`
}

export function cyclePath(cycle: number): string {
  return `/cycles/${cycle}`
}

/** The form of the timeline, filled in; words of the path are apart by spaces, as names of nodes have dots. */
export function proposePath(path: readonly string[], value: unknown): string {
  const filled = new URLSearchParams({ path: path.join(' ') })
  if (value !== undefined) filled.set('value', JSON.stringify(value))
  return `/timeline?${filled}`
}
