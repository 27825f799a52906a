// Stops the process on our own mistakes: an assertion that fails is never an operator's fault.

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Mistake(message)
}

/** Closes a switch over a union: the compiler objects when a case is missing. */
export function unreachable(value: never): never {
  throw new Mistake(`unreachable: ${JSON.stringify(value)}`)
}

class Mistake extends Error {
  override name = 'Mistake'
}
