// The files of a node-role as rendered: what its next run would write, and what of it differs from its last success.
import { useState } from 'react'
import type { FilesView, FileView } from '../../../src/model/rendered-files.ts'
import { type Asked, tell } from '../http/ask.ts'
import { useAnswer } from '../http/use-answer.ts'
import { ActionButton } from '../parts/action-button.tsx'
import { CopyCommand } from '../parts/copy-command.tsx'
import { ProblemNote } from '../parts/problem-note.tsx'
import { useMe, whyNot } from '../parts/use-me.ts'

export function FilesList({ id, again }: { id: string; again: string }) {
  const path = `/node-roles/${id}/files`
  const { value, problem } = useAnswer<FilesView>(path, again)
  const [clear, setClear] = useState<{ of: string; view: FilesView }>()
  const me = useMe()
  const shown = clear?.of === again ? clear.view : value
  if (problem !== undefined) return <ProblemNote problem={problem} />
  if (shown === undefined) return <p className="faint">asking ...</p>
  const reveal = async (why: string | undefined): Promise<Asked<FilesView>> => {
    const asked = await tell<FilesView>(path, why === undefined ? {} : { why })
    if (asked.ok) setClear({ of: again, view: asked.value })
    return asked
  }
  return (
    <>
      <Notes view={shown} />
      {shown.files.length === 0 && shown.problem === undefined ? (
        <p className="faint">It has none.</p>
      ) : (
        shown.files.map((file) => <OneFile key={file.path} file={file} since={shown.since?.run} />)
      )}
      <div className="row">
        {shown.hidden.length === 0 ? null : (
          <ActionButton
            label="Show secrets"
            about={
              <p>
                The files are shown with what is sensitive in them: {shown.hidden.join(', ')}. Who looked, and
                why, stays in the trail.
              </p>
            }
            off={whyNot(me, 'readSecrets', id.split('/')[0])}
            command={`anneal files ${id} --secrets`}
            commandHasNoWhy
            act={reveal}
          />
        )}
        <CopyCommand command={`anneal files ${id} --diff`} />
      </div>
    </>
  )
}

function Notes({ view: { unbound, problem } }: { view: FilesView }) {
  return (
    <>
      {unbound.length === 0 ? null : (
        <p>
          Without a value: <span className="mono">{unbound.join(', ')}</span>. So these are the files of its
          last success.
        </p>
      )}
      {problem === undefined ? null : <pre className="box raised">{problem}</pre>}
    </>
  )
}

function OneFile({ file, since }: { file: FileView; since: string | undefined }) {
  const { path, mode, owner, group, from, rights, text, untold, diff, differsInSecrets } = file
  const [whole, setWhole] = useState(diff === undefined)
  return (
    <details open={file.change === 'changed' || file.change === 'gone'}>
      <summary>
        <span className="mono strong">{path}</span>{' '}
        <span className="faint">
          {mode} {owner}:{group}
          {rights === undefined ? '' : ` (it was ${rights.before})`}
        </span>{' '}
        <span className={file.change === 'same' ? 'faint' : ''}>{changeWords(file, since)}</span>
      </summary>
      <p className="faint">
        from <span className="mono">{from}</span>
        {diff === undefined ? null : (
          <>
            {' '}
            <button type="button" aria-pressed={whole} onClick={() => setWhole(!whole)}>
              whole file
            </button>
          </>
        )}
      </p>
      {differsInSecrets ? <p>What differs in it is not shown.</p> : null}
      {untold === undefined ? null : <p className="faint">{UNTOLD[untold]}</p>}
      {diff !== undefined && !whole ? <Lines text={diff} /> : null}
      {text !== undefined && whole ? (
        <pre className="box raised" tabIndex={0} aria-label={`Text of ${path}`}>
          {text}
        </pre>
      ) : null}
    </details>
  )
}

/** Lines of `diff -u`, each with the look of its sign. */
function Lines({ text }: { text: string }) {
  const lines = text.split('\n')
  return (
    <pre className="box raised diff-lines" tabIndex={0} aria-label="What differs">
      {lines.map((line, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines have no other name, and never move
        <span key={at} className={LOOKS[line[0] ?? ''] ?? ''}>
          {line}
          {'\n'}
        </span>
      ))}
    </pre>
  )
}

const LOOKS: Record<string, string> = { '+': 'added', '-': 'removed', '@': 'faint' }
const UNTOLD = { binary: 'It is no text.', large: 'It is too large to be shown.' }

function changeWords({ change }: FileView, since = 'its last success'): string {
  switch (change) {
    case 'new':
      return 'new'
    case 'same':
    case 'unknown':
      return `as ${since} wrote it`
    case 'changed':
      return `not as ${since} wrote it`
    case 'gone':
      return `written by ${since}, and no more`
  }
}
