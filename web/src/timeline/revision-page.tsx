// One revision: what it says otherwise than the one before, what committing it would run, and what can be done with it.
import { useState } from 'react'
import type { Diff, RevisionDetails } from '../../../src/model/view.ts'
import { tell } from '../http/ask.ts'
import { withTag } from '../http/with-tag.ts'
import { useAnswer } from '../http/use-answer.ts'
import { useLive } from '../live/use-live.ts'
import { ActionButton } from '../parts/action-button.tsx'
import { CopyCommand } from '../parts/copy-command.tsx'
import { localTime } from '../parts/moments.ts'
import { ProblemNote } from '../parts/problem-note.tsx'
import { useMe, whyNot } from '../parts/use-me.ts'
import { ValueText } from '../parts/value-text.tsx'
import { DiffView } from './diff-view.tsx'

export function RevisionPage({ revision: number }: { revision: number }) {
  const { version } = useLive('events')
  const [acted, setActed] = useState(0)
  const again = `${version} ${acted}`
  const { value, problem } = useAnswer<RevisionDetails>(`/revisions/${number}`, again)
  const isOpen = value?.revision.status === 'proposed'
  const { value: diff, problem: noDiff } = useAnswer<Diff>(
    isOpen ? `/revisions/${number}/diff` : undefined,
    again,
  )
  return (
    <div className="view">
      <div className="row">
        <h1>Revision {number}</h1>
        {value === undefined ? null : <span className="strong">{value.revision.status}</span>}
        <span className="grow" />
        <CopyCommand command={`anneal show ${number}`} />
      </div>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      {value === undefined ? null : (
        <>
          <p>
            {value.revision.author}, {localTime(value.revision.at)}, onto {value.revision.onto}:{' '}
            {value.revision.message}
          </p>
          <RevisionActions details={value} onDone={() => setActed((count) => count + 1)} />
          <h2>What it says otherwise</h2>
          {value.differences.length === 0 ? <p className="faint">Nothing.</p> : null}
          {value.differences.length === 0 ? null : (
            <table className="diff">
              <tbody>
                {value.differences.slice(0, 500).map((difference) => (
                  <tr key={difference.path.join(' ')}>
                    <td className="mono">{difference.path.join(' ')}</td>
                    <td className={difference.before === undefined ? '' : 'removed'}>
                      {difference.before === undefined ? '' : <ValueText value={difference.before} />}
                    </td>
                    <td className={difference.after === undefined ? '' : 'added'}>
                      {difference.after === undefined ? '' : <ValueText value={difference.after} />}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {noDiff === undefined ? null : <ProblemNote problem={noDiff} />}
          {diff === undefined ? null : (
            <>
              <h2>What committing it would run</h2>
              <DiffView diff={diff} />
            </>
          )}
        </>
      )}
    </div>
  )
}

function RevisionActions({ details, onDone }: { details: RevisionDetails; onDone: () => void }) {
  const me = useMe()
  const { revision, onto, status } = details.revision
  const notOpen = status === 'proposed' ? undefined : `it is ${status}`
  return (
    <div className="row">
      <ActionButton
        label="Commit"
        first
        about={`Revision ${revision} becomes what is wanted, on top of ${onto}, and its work begins.`}
        command={`anneal commit ${revision}`}
        off={whyNot(me, 'commit') ?? notOpen}
        act={(why) =>
          withTag(`/revisions/${revision}`, (headers) =>
            tell(
              `/revisions/${revision}/commit`,
              { onto, ...(why === undefined ? {} : { message: why }) },
              headers,
            ),
          )
        }
        onDone={onDone}
      />
      <ActionButton
        label="Discard"
        about={`Revision ${revision} stays in the timeline as discarded and can no longer be committed.`}
        command={`anneal discard ${revision}`}
        commandHasNoWhy
        off={whyNot(me, 'propose') ?? notOpen}
        act={(why) => tell(`/revisions/${revision}/discard`, why === undefined ? {} : { why })}
        onDone={onDone}
      />
      <ActionButton
        label="Roll back to it"
        about={`What revision ${revision} said is proposed again, on top of the head. Nothing runs before that is committed.`}
        command={`anneal rollback ${revision}`}
        off={
          whyNot(me, 'propose') ??
          (status === 'superseded'
            ? undefined
            : 'only what was committed and then superseded can be gone back to')
        }
        act={(why) =>
          tell(`/revisions/${revision}/rollback`, { message: why ?? `back to revision ${revision}` })
        }
        onDone={onDone}
      />
    </div>
  )
}
