// A violation: something that must never happen has happened, told so that the story's end explains itself.

export class Violation extends Error {
  override name = 'Violation'
  /** The invariant that was broken. */
  readonly invariant: string

  constructor(invariant: string, details: string) {
    super(`${invariant}: ${details}`)
    this.invariant = invariant
  }
}

export function must(holds: boolean, invariant: string, details: () => string): void {
  if (!holds) throw new Violation(invariant, details())
}
