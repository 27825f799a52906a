// Until something holds: looked at now and then, for as long as a test goes on.

/** `over`: the test is done or has failed; whoever still waits then ends, too. */
export function untilIn(over: AbortSignal): <T>(look: () => T | Promise<T>) => Promise<T> {
  return async (look) => {
    for (;;) {
      const found = await look()
      if (found) return found
      if (over.aborted) throw new Error('the story is over')
      await new Promise((later) => setTimeout(later, 50))
    }
  }
}
