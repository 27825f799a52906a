// One cycle: its runs on a time line, what its time was made of, and what would make the next one shorter.
import { Link } from 'wouter'
import {
  cycleCauseWords,
  CYCLE_RESULT_WORDS,
  pathWaitWords,
  speedUpWords,
} from '../../../src/model/cycle-words.ts'
import type { CriticalPath } from '../../../src/model/cycle.ts'
import type { CycleRuns } from '../http/shapes.ts'
import { useAnswer } from '../http/use-answer.ts'
import { useLive } from '../live/use-live.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { Gantt } from '../parts/gantt.tsx'
import { nodeRolePath } from '../parts/links.ts'
import { formatDuration, localTime } from '../parts/moments.ts'
import { ProblemNote } from '../parts/problem-note.tsx'
import { runRows } from '../parts/run-rows.ts'

export function CyclePage({ cycle: number }: { cycle: number }) {
  const { version } = useLive('events')
  const { value: path, problem } = useAnswer<CriticalPath>(`/cycles/${number}`, version)
  const { value: runs } = useAnswer<CycleRuns>(`/cycles/${number}/runs`, version)
  return (
    <div className="view">
      <div className="row">
        <h1>Cycle {number}</h1>
        <span className="grow" />
        <CopyCommand command={`anneal cycles show ${number} --critical-path`} />
      </div>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      {path === undefined ? null : <CycleBody path={path} runs={runs?.runs ?? []} />}
    </div>
  )
}

function CycleBody({ path, runs }: { path: CriticalPath; runs: CycleRuns['runs'] }) {
  const { cycle, steps } = path
  const until = cycle.endedAt ?? cycle.beganAt + cycle.wallMs
  const rows = runRows(runs, new Set(steps.map(({ run }) => run)), until)
  return (
    <>
      <p>
        It began {localTime(cycle.beganAt)} with {cycleCauseWords(cycle.cause)},{' '}
        {cycle.result === undefined ? 'and goes on' : `and came to: ${CYCLE_RESULT_WORDS[cycle.result]}`}.{' '}
        {formatDuration(cycle.wallMs)}, {cycle.runs} {cycle.runs === 1 ? 'run' : 'runs'} on
        {` ${cycle.nodes} ${cycle.nodes === 1 ? 'node' : 'nodes'}`}, {cycle.failed} failed, {cycle.touches}{' '}
        {cycle.touches === 1 ? 'touch' : 'touches'} by people.
      </p>
      {path.most === undefined ? null : <p>{speedUpWords(path.most, cycle.wallMs)}</p>}
      {rows.length === 0 ? null : (
        <>
          <h2>Runs</h2>
          <Gantt
            rows={rows}
            fromMs={cycle.beganAt}
            toMs={until}
            about={`Runs of cycle ${cycle.cycle} over time`}
          />
          <p className="faint">A heavy edge: on the critical path.</p>
        </>
      )}
      <h2>Critical path</h2>
      {steps.length === 0 ? (
        <p className="faint">Nothing ran, or its runs are not kept any more.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th className="wide-only">run</th>
              <th>node-role</th>
              <th>waited</th>
              <th>for</th>
              <th>took</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((step) => (
              <tr key={step.run}>
                <td className="mono wide-only">{step.run}</td>
                <td>
                  <Link href={nodeRolePath(step.nodeRole)} className="mono">
                    {step.nodeRole}
                  </Link>
                </td>
                <td>{formatDuration(step.waitedMs)}</td>
                <td>{pathWaitWords(step.waitedFor)}</td>
                <td>{formatDuration(step.tookMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="faint">From the end of the last run until rest: {formatDuration(path.endMs)}.</p>
    </>
  )
}
