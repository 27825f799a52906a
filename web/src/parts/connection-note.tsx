// Says when the line to the server is lost or the server drains, and, once it is back, what went by meanwhile.
import { useEffect, useState } from 'react'
import { useLive } from '../live/use-live.ts'
import { eventWords } from '../live/event-words.ts'
import { formatDuration, localTime } from './moments.ts'

export function ConnectionNote() {
  const { live } = useLive('connection')
  const { connection, missed, draining } = live
  const now = useSecond(connection.kind === 'lost')
  if (connection.kind === 'lost') {
    return (
      <div className="note bad" role="status">
        <span className="strong">The line to the server is lost</span>
        <span>
          for {formatDuration(Math.max(0, now - connection.since))}:{' '}
          {connection.problem?.says ?? 'it does not answer'}. What you see is how it was then; the page tries
          again by itself.
        </span>
      </div>
    )
  }
  if (draining !== undefined) {
    return (
      <div className="note" role="status">
        <span className="strong">The server drains</span>
        <span>{draining} asked for it: what is in flight ends, nothing new starts.</span>
      </div>
    )
  }
  if (missed === undefined) return <div />
  return (
    <div className="note calm" role="status">
      <span className="strong">Back after {formatDuration(missed.untilAt - missed.fromAt)}</span>
      <details>
        <summary>
          went by meanwhile: {missed.events.length} {missed.events.length === 1 ? 'event' : 'events'},{' '}
          {missed.changed} {missed.changed === 1 ? 'node-role' : 'node-roles'} changed
        </summary>
        <ul>
          {missed.events.slice(0, 50).map((recorded) => (
            <li key={recorded.seq}>
              {localTime(recorded.at)} {eventWords(recorded.event)}
            </li>
          ))}
        </ul>
      </details>
      <button type="button" className="quiet" onClick={() => live.forgetMissed()}>
        seen
      </button>
    </div>
  )
}

/** The time, while somebody looks at it pass. */
function useSecond(runs: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!runs) return
    const timer = window.setInterval(() => setNow(Date.now()), 1_000)
    return () => window.clearInterval(timer)
  }, [runs])
  return now
}
