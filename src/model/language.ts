// The languages that content brings along, as pure functions: the heart calls them, the content room makes them.
import type { Json, JsonObject } from '../base/json.ts'

/** Compiling is memoised by the maker; the same text gives the same answers for ever. */
export interface Language {
  /** Of what it answers: those of one edition give equal answers, whoever made them. */
  readonly edition: string
  expression(source: string): Expression
  /** The message is for an operator: what was expected, what was found. */
  schema(schema: Json): (value: Json) => string | undefined
}

export interface Expression {
  /** Why it is no expression at all; then it reads nothing and has no answer. */
  fault?: string
  /** Paths that it may read, e.g. `['inputs', 'address']`; used to know what waits for what. */
  reads: readonly (readonly string[])[]
  evaluate(scope: JsonObject): { ok: true; value: Json } | { ok: false; message: string }
}
