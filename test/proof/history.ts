// What a journal must tell when engines were killed over it: one engine after the other, and nothing done twice but what was in flight.
import type { Recorded } from '../../src/model/event.ts'

export interface History {
  runs: number
  lost: number
  /** How often runs of each node-role were started. */
  starts: Map<string, number>
  problem?: string
}

export function historyOf(events: readonly Recorded[]): History {
  const history: History = { runs: 0, lost: 0, starts: new Map() }
  const inFlight = new Map<string, string>()
  const done = new Map<string, string>()
  for (const { seq, event } of events) {
    const wrong = (what: string): void => void (history.problem ??= `event ${seq}: ${what}`)
    if (event.kind === 'runStarted') {
      // What is removed has the digest with which it was applied.
      const what = `${event.action} ${event.digest}`
      history.runs++
      history.starts.set(event.nodeRole, (history.starts.get(event.nodeRole) ?? 0) + 1)
      if (done.get(event.nodeRole) === what)
        wrong(`${event.nodeRole} runs again with what it has succeeded with`)
      if (inFlight.has(event.nodeRole)) wrong(`two runs of ${event.nodeRole}`)
      inFlight.set(event.nodeRole, what)
      done.delete(event.nodeRole)
    } else if (event.kind === 'runFinished') {
      const what = inFlight.get(event.nodeRole)
      if (what === undefined) wrong('the end of a run that is not in flight')
      else if (event.outcome.result === 'ok') done.set(event.nodeRole, what)
      inFlight.delete(event.nodeRole)
    } else if (event.kind === 'runLost') {
      history.lost++
      inFlight.delete(event.nodeRole)
    }
  }
  if (inFlight.size > 0) history.problem ??= 'runs are in flight in the end'
  return history
}
