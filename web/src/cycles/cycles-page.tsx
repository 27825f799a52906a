// The cycles: how long each took, what began it, what people had to do, and whether they get shorter.
import { Link } from 'wouter'
import { cycleCauseWords, CYCLE_RESULT_WORDS } from '../../../src/model/cycle-words.ts'
import type { CyclesPage as Cycles } from '../http/shapes.ts'
import { useAnswer } from '../http/use-answer.ts'
import { useLive } from '../live/use-live.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { cyclePath } from '../parts/links.ts'
import { formatDuration, localTime } from '../parts/moments.ts'
import { ProblemNote } from '../parts/problem-note.tsx'

export function CyclesPage() {
  const { version } = useLive('events')
  const { value, problem } = useAnswer<Cycles>('/cycles?limit=100', version)
  const cycles = value?.items ?? []
  const longest = Math.max(1, ...cycles.map(({ wallMs }) => wallMs))
  return (
    <div className="view">
      <div className="row">
        <h1>Cycles</h1>
        <span className="grow" />
        <CopyCommand command="anneal cycles" />
      </div>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      {value?.trend === undefined ? null : (
        <p>
          The last {value.trend.cycles} took {formatDuration(value.trend.medianMs)} in the middle, as many
          before them {formatDuration(value.trend.beforeMs)}.
        </p>
      )}
      {value !== undefined && cycles.length === 0 ? <p className="faint">There was none yet.</p> : null}
      {cycles.length === 0 ? null : (
        <table>
          <thead>
            <tr>
              <th>cycle</th>
              <th>began</th>
              <th style={{ width: '22%' }}>took</th>
              <th>runs</th>
              <th>failed</th>
              <th className="wide-only">nodes</th>
              <th className="wide-only">touches</th>
              <th className="wide-only">came to</th>
              <th>it began with</th>
            </tr>
          </thead>
          <tbody>
            {cycles.map((cycle) => (
              <tr key={cycle.cycle}>
                <td>
                  <Link href={cyclePath(cycle.cycle)}>{cycle.cycle}</Link>
                </td>
                <td>{localTime(cycle.beganAt)}</td>
                <td className="whole">
                  <span
                    aria-hidden="true"
                    className="length wide-only"
                    style={{
                      height: 9,
                      width: `${Math.max(1, (60 * cycle.wallMs) / longest)}%`,
                      background: cycle.result === 'problems' ? 'var(--bar-bad)' : 'var(--bar-ok)',
                      marginRight: 6,
                    }}
                  />
                  {formatDuration(cycle.wallMs)}
                </td>
                <td>{cycle.runs}</td>
                <td className={cycle.failed > 0 ? 'bad' : ''}>{cycle.failed}</td>
                <td className="wide-only">{cycle.nodes}</td>
                <td className="wide-only">{cycle.touches}</td>
                <td className="wide-only">
                  {cycle.result === undefined ? 'goes on' : CYCLE_RESULT_WORDS[cycle.result]}
                </td>
                <td>{cycleCauseWords(cycle.cause)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}
