// One failure for all who break a rule: what to use instead first, then every place, one a line.

/** Fails with the rule and the whole list; a rule says what to do, not only what is wrong. */
export function expectNone(offenders: readonly string[], rule: string): void {
  if (offenders.length === 0) return
  const error = new Error(`${rule}\n${offenders.map((offender) => `  ${offender}`).join('\n')}`)
  // The stack would point at this line, which is nobody's mistake.
  error.stack = error.message
  throw error
}
