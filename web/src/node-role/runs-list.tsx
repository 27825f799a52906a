// The runs of a node-role, newest first; each opens to its log, which goes on while the run does.
import { useState } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import type { RunView } from '../../../src/model/view.ts'
import { causeWords } from '../../../src/model/words.ts'
import type { Page } from '../http/shapes.ts'
import { useAnswer } from '../http/use-answer.ts'
import { formatDuration, localTime } from '../parts/moments.ts'
import { ProblemNote } from '../parts/problem-note.tsx'
import { RunLog } from './run-log.tsx'

export function RunsList({ id, again }: { id: string; again: unknown }) {
  const [search] = useSearchParams()
  const [opened, setOpened] = useState(search.get('run') ?? undefined)
  const [location, goTo] = useLocation()
  const { value, problem } = useAnswer<Page<RunView>>(
    `/runs?target=${encodeURIComponent(id)}&limit=20`,
    again,
  )
  if (problem !== undefined) return <ProblemNote problem={problem} />
  if (value === undefined) return <p className="faint">asking ...</p>
  if (value.items.length === 0) return <p className="faint">It never ran.</p>
  const runs = [...value.items].sort((a, b) => b.startedAt - a.startedAt)
  return (
    <table>
      <thead>
        <tr>
          <th>run</th>
          <th className="wide-only">action</th>
          <th>result</th>
          <th>began</th>
          <th>took</th>
          <th className="wide-only">because</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <RunRow
            key={run.run}
            run={run}
            open={opened === run.run}
            onToggle={() => {
              const next = opened === run.run ? undefined : run.run
              setOpened(next)
              goTo(next === undefined ? location : `${location}?run=${next}`, { replace: true })
            }}
          />
        ))}
      </tbody>
    </table>
  )
}

function RunRow({ run, open, onToggle }: { run: RunView; open: boolean; onToggle: () => void }) {
  const attempt = run.attempt > 1 ? `, attempt ${run.attempt}` : ''
  return (
    <>
      <tr id={run.run}>
        <td>
          <button type="button" className="quiet mono" aria-expanded={open} onClick={onToggle}>
            {open ? '▾' : '▸'} {run.run}
          </button>
        </td>
        <td className="wide-only">{run.action}</td>
        <td className={run.result === 'ok' || run.result === 'running' ? '' : 'bad'}>
          {run.result}
          {run.changed === true ? ', changed' : ''}
          {run.message === undefined ? '' : `: ${run.message}`}
        </td>
        <td>{localTime(run.startedAt)}</td>
        <td className="whole">{run.durationMs === undefined ? '' : formatDuration(run.durationMs)}</td>
        <td className="wide-only">
          {causeWords(run.cause)}
          {attempt}
        </td>
      </tr>
      {open ? (
        <tr>
          <td colSpan={6}>
            <RunLog run={run.run} running={run.result === 'running'} />
          </td>
        </tr>
      ) : null}
    </>
  )
}
