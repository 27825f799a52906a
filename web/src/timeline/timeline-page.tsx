// The timeline: each revision with who made it and why, what happened lately, and a form for a change of one value.
import { Link } from 'wouter'
import type { RevisionView } from '../../../src/model/view.ts'
import { useEveryPage } from '../http/use-every-page.ts'
import { eventWords } from '../live/event-words.ts'
import { useLive } from '../live/use-live.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { revisionPath } from '../parts/links.ts'
import { localTime } from '../parts/moments.ts'
import { ProblemNote } from '../parts/problem-note.tsx'
import { ProposeForm } from './propose-form.tsx'

export function TimelinePage() {
  const { live, version } = useLive('events')
  const { items, problem } = useEveryPage<RevisionView>('/revisions', version)
  const revisions = [...items].sort((a, b) => b.revision - a.revision)
  return (
    <div className="view">
      <div className="row">
        <h1>Timeline</h1>
        <span className="grow" />
        <CopyCommand command="anneal timeline" />
      </div>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      <div className="split">
        <table>
          <thead>
            <tr>
              <th>revision</th>
              <th>status</th>
              <th>when</th>
              <th>who</th>
              <th>why</th>
              <th className="wide-only">nodes</th>
              <th className="wide-only">roles</th>
            </tr>
          </thead>
          <tbody>
            {revisions.map((each) => (
              <tr key={each.revision}>
                <td>
                  <Link href={revisionPath(each.revision)}>{each.revision}</Link>
                </td>
                <td
                  className={
                    each.status === 'committed' ? 'strong' : each.status === 'proposed' ? 'good' : 'faint'
                  }
                >
                  {each.status}
                </td>
                <td>{localTime(each.at)}</td>
                <td>{each.author}</td>
                <td>{each.message}</td>
                <td className="wide-only">{each.nodes}</td>
                <td className="wide-only">{each.roles}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <div>
          <ProposeForm revisions={revisions} />
          <h2>Lately</h2>
          {live.recent.length === 0 ? <p className="faint">Nothing since this page was opened.</p> : null}
          {live.recent.slice(0, 40).map((recorded) => (
            <div key={recorded.seq}>
              <span className="faint">{localTime(recorded.at)}</span> {eventWords(recorded.event)}{' '}
              <Link href={`/past/${recorded.seq}`}>board then</Link>
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}
