// A node-role: how it is and why down to the root, its inputs with where they come from, its outputs and files, its runs with their logs, and its actions.
import { useState } from 'react'
import { Link } from 'wouter'
import type { WhyView } from '../../../src/model/view.ts'
import { causeWords, reasonWords } from '../../../src/model/words.ts'
import { useAnswer } from '../http/use-answer.ts'
import { useLive } from '../live/use-live.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { nodePath, nodeRolePath } from '../parts/links.ts'
import { ProblemNote } from '../parts/problem-note.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import { ValueText } from '../parts/value-text.tsx'
import { WordsLines } from '../parts/words-lines.tsx'
import { FilesList } from './files-list.tsx'
import { InputTree } from './input-tree.tsx'
import { NodeRoleActions } from './node-role-actions.tsx'
import { OutputList } from './output-list.tsx'
import { RunsList } from './runs-list.tsx'

export function NodeRolePage({ id }: { id: string }) {
  const { live } = useLive('cells')
  const [acted, setActed] = useState(0)
  const now = live.viewOf(id)
  // What changes with its state is asked for again when that changes, and not at each event of the site.
  const again = `${acted} ${now?.state} ${now?.lastRun} ${now?.reason.kind} ${live.quietChanges(id)}`
  const { value: why, problem } = useAnswer<WhyView>(`/node-roles/${id}`, again)
  const [, node = ''] = id.split('/')
  return (
    <div className="view">
      <div className="row">
        <h1 className="mono">{id}</h1>
        {why === undefined ? null : <StateBadge state={why.nodeRole.state} />}
        {why?.variant === undefined ? null : <span className="faint">on {why.variant}</span>}
        {why?.nodeRole.leaving === true ? <span>is being removed</span> : null}
        <span className="grow" />
        <CopyCommand command={`anneal why ${id}`} />
      </div>
      <p>
        {node === '-' ? null : <Link href={nodePath(node)}>node {node}</Link>}{' '}
        <Link href={`/graph?target=${encodeURIComponent(id)}`}>in the graph</Link>
      </p>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      {why === undefined ? null : (
        <>
          <NodeRoleActions nodeRole={why.nodeRole} onDone={() => setActed((count) => count + 1)} />
          <h2>Why</h2>
          <WordsLines words={reasonWords(id, why.nodeRole.reason, Date.now())} />
          <Tail why={why} />
          <Chain why={why} />
          <LastCause why={why} />
          <h2>Inputs</h2>
          {why.inputs.length === 0 ? <p className="faint">It has none.</p> : null}
          {why.inputs.map((input) => (
            <InputTree key={input.input} id={id} input={input} />
          ))}
          <h2>Outputs</h2>
          <OutputList outputs={why.outputs} />
          <h2>Files</h2>
          <FilesList id={id} again={again} />
          <h2>Runs</h2>
          <RunsList id={id} again={again} />
        </>
      )}
    </div>
  )
}

/** What a failed run printed last: it is what everybody asks for first. */
function Tail({ why }: { why: WhyView }) {
  const { reason } = why.nodeRole
  if (reason.kind !== 'failed' || reason.tail === '') return null
  return <pre className="box raised">{reason.tail}</pre>
}

function Chain({ why }: { why: WhyView }) {
  if (why.chain.length < 2) return null
  return (
    <>
      <h2>What it waits for</h2>
      <ol className="chain">
        {why.chain.slice(1).map((link, depth) => (
          <li key={link.nodeRole} style={{ marginLeft: depth * 14 }}>
            <Link href={nodeRolePath(link.nodeRole)} className="mono">
              {link.nodeRole}
            </Link>{' '}
            <StateBadge state={link.state} />
            <WordsLines words={reasonWords(link.nodeRole, link.reason, Date.now())} />
          </li>
        ))}
      </ol>
    </>
  )
}

function LastCause({ why }: { why: WhyView }) {
  const last = why.lastCause
  if (last === undefined) return null
  return (
    <>
      <h2>What made it run last</h2>
      <p>
        {last.cause.kind === 'new'
          ? `${last.run} was its first run`
          : `${last.run} ran because ${causeWords(last.cause)}`}
      </p>
      {last.changes.map((change) => (
        <div key={change.input}>
          <span className="mono">{change.input}</span>{' '}
          <ValueText value={change.before} sensitive={change.sensitive} />
          {' → '}
          <ValueText value={change.after} sensitive={change.sensitive} />
        </div>
      ))}
    </>
  )
}
