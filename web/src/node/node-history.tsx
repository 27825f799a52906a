// What happened to a node, newest first: when it answered and when not, and which facts changed from what to what.
import type { Event } from '../../../src/model/event.ts'
import type { Page } from '../http/shapes.ts'
import { useAnswer } from '../http/use-answer.ts'
import { eventWords } from '../live/event-words.ts'
import { localTime } from '../parts/moments.ts'
import { ValueText } from '../parts/value-text.tsx'

interface NodeMoment {
  seq: number
  at: number
  event: Event
  /** Of facts: what differs from those known before. */
  facts?: { path: string[]; before?: unknown; after?: unknown }[]
}

const SHOWN = 100

export function NodeHistory({ name, again }: { name: string; again: unknown }) {
  const { value } = useAnswer<Page<NodeMoment>>(`/nodes/${name}/history?limit=1000`, again)
  // Runs stand on the time line already.
  const moments = (value?.items ?? []).filter(
    ({ event }) => !event.kind.startsWith('run') || event.kind === 'runCancelAsked',
  )
  if (moments.length === 0) return null
  return (
    <>
      <h2>History</h2>
      <table>
        <tbody>
          {moments
            .slice(-SHOWN)
            .reverse()
            .map(({ seq, at, event, facts }) => (
              <tr key={seq}>
                <td>{localTime(at)}</td>
                <td>
                  {event.kind === 'factsChanged'
                    ? `facts changed (${facts?.length ?? 0})`
                    : eventWords(event)}
                </td>
                <td>
                  {(facts ?? []).slice(0, 12).map((change) => (
                    <div key={change.path.join('.')}>
                      <span className="mono">{change.path.join('.')}</span>{' '}
                      {change.before === undefined ? null : (
                        <>
                          <ValueText value={change.before} /> →{' '}
                        </>
                      )}
                      <ValueText value={change.after} />
                    </div>
                  ))}
                  {(facts?.length ?? 0) > 12 ? (
                    <span className="faint">and {(facts?.length ?? 0) - 12} more</span>
                  ) : null}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </>
  )
}
