// Versioned NDJSON on stdout: the first line names the version and the kind, each further line is one thing.
import type { Output } from './world.ts'

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
const JSON_VERSION = '1'

export class JsonLines {
  readonly #output: Output

  constructor(output: Output, kind: string, fields: object = {}) {
    this.#output = output
    this.#write({ anneal: JSON_VERSION, kind, ...fields })
  }

  line(kind: string, fields: object): void {
    this.#write({ kind, ...fields })
  }

  #write(value: object): void {
    this.#output.write(`${safeJson(value)}\n`)
  }
}

/** JSON leaves C1 controls and bidirectional marks as they are; a terminal would obey them. */
function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
