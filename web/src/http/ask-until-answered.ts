// Asks the server, and comes again where that is all that it says: it is not there, or so many ask for the same already.
import { ask, type Asked, type Problem } from './ask.ts'

const MOMENT_MS = 1_000

/** `onProblem`: why there is no answer yet, each time. Ends with an answer, a refusal that stays one, or the signal. */
export async function askUntilAnswered<T>(
  path: string,
  signal: AbortSignal,
  onProblem: (problem: Problem) => void,
): Promise<Asked<T>> {
  for (;;) {
    const asked = await ask<T>(path, { signal })
    const pauseMs = asked.ok || signal.aborted ? undefined : comeAgainAfter(asked.problem)
    if (asked.ok || pauseMs === undefined) return asked
    onProblem(asked.problem)
    // Those who were turned away together shall not come together again.
    await new Promise((passed) => window.setTimeout(passed, pauseMs * (1 + Math.random())))
  }
}

function comeAgainAfter({ code, fields }: Problem): number | undefined {
  if (code === 'tooMany') return Math.max(MOMENT_MS, Number(fields['retryAfterMs']) || 0)
  return code === 'notServing' || code === 'unreachable' ? MOMENT_MS : undefined
}
