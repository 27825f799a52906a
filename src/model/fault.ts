// Faults of content: what is wrong in a file that somebody wrote, and where.

export interface Fault {
  /** Relative to the site's directory, or the package's own path. */
  file: string
  /** Both from 1. */
  line: number
  column: number
  message: string
  /** The nearest right word, or what to do. */
  advice?: string
  /** The lines around, with a caret; ready for a terminal. */
  frame?: string
  /** A stable word for the kind of fault, e.g. `unknownKey`. */
  code: string
}
