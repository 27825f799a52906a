// Proposes another value: what it would run is shown before anybody commits it.
import { useId, useState } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import type { Proposal } from '../../../src/model/operations.ts'
import type { RevisionView } from '../../../src/model/view.ts'
import { type Problem, tell } from '../http/ask.ts'
import { withTag } from '../http/with-tag.ts'
import { revisionPath } from '../parts/links.ts'
import { ProblemNote } from '../parts/problem-note.tsx'
import { useMe, whyNot } from '../parts/use-me.ts'

export function ProposeForm({ revisions }: { revisions: readonly RevisionView[] }) {
  const me = useMe()
  const [search] = useSearchParams()
  const [path, setPath] = useState(search.get('path') ?? '')
  const [value, setValue] = useState(search.get('value') ?? '')
  const [message, setMessage] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [, goTo] = useLocation()
  const off = whyNot(me, 'propose')
  const fields = { path: useId(), value: useId(), message: useId() }
  const propose = async (): Promise<void> => {
    setProblem(undefined)
    const edits = [{ path: wordsOf(path), value: valueOf(value) }]
    const head = revisions.find(({ status }) => status === 'committed')
    if (head === undefined) return setProblem(NOTHING_COMMITTED)
    const asked = await withTag(`/revisions/${head.revision}`, (headers) =>
      tell<Proposal | null>('/revisions', { edits, message }, headers),
    )
    if (!asked.ok) return setProblem(asked.problem)
    if (asked.value === null) return setProblem(SAME)
    goTo(revisionPath(asked.value.revision.revision))
  }
  return (
    <form
      className="box"
      onSubmit={(event) => {
        event.preventDefault()
        if (off === undefined) void propose()
      }}
    >
      <h2 style={{ marginTop: 0 }}>Propose another value</h2>
      <p>
        <label htmlFor={fields.path}>Which, from the root of the target</label>
        <input
          id={fields.path}
          style={{ width: '100%' }}
          className="mono"
          placeholder="deployments store placements etcd values heartbeat_interval_ms"
          value={path}
          required
          onChange={(event) => setPath(event.target.value)}
        />
      </p>
      <p>
        <label htmlFor={fields.value}>The value, as JSON or as text</label>
        <textarea
          id={fields.value}
          rows={2}
          className="mono"
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
      </p>
      <p>
        <label htmlFor={fields.message}>Why</label>
        <input
          id={fields.message}
          style={{ width: '100%' }}
          value={message}
          onChange={(event) => setMessage(event.target.value)}
        />
      </p>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      <button type="submit" className="first" aria-disabled={off !== undefined} title={off}>
        Propose
      </button>{' '}
      <span className="faint">{off ?? 'Nothing runs before somebody commits it.'}</span>
    </form>
  )
}

const NOTHING_COMMITTED: Problem = {
  code: 'nothingThere',
  says: 'nothing is committed that could be changed',
  next: 'anneal up makes a start',
  fields: {},
}

const SAME: Problem = { code: 'same', says: 'that is what is committed already', fields: {} }

/** Apart by spaces; by dots where there is none, as names of nodes have dots. */
function wordsOf(path: string): string[] {
  const words = path.trim().split(/\s+/)
  return words.length === 1 ? path.trim().split('.') : words
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
