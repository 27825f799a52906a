// The graph: which role goes first and which says values that others read; of a selection, node-role by node-role.
import { Suspense, useMemo, useState } from 'react'
import { late } from '../parts/late.tsx'
import { Link, useSearchParams } from 'wouter'
import { useAnswer } from '../http/use-answer.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { ProblemNote } from '../parts/problem-note.tsx'
import { collapsed, type Graph, type Level, levelFor, MOST_NODES, type Seen } from './collapse.ts'

const Picture = late(async () => (await import('./picture.tsx')).Picture)

export function GraphPage() {
  const [search, setSearch] = useSearchParams()
  const target = search.get('target') ?? ''
  const [typed, setTyped] = useState(target)
  const path = target === '' ? '/graph/roles' : `/graph/node-roles?target=${encodeURIComponent(target)}`
  const { value, problem, asking } = useAnswer<Graph>(path)
  const [chosen, setChosen] = useState<Level>()
  const finest = target === '' ? 'role' : 'node-role'
  const seen = useMemo(
    () => (value === undefined ? undefined : collapsed(value, chosen ?? atLeast(levelFor(value), finest))),
    [value, chosen, finest],
  )
  return (
    <div className="view">
      <div className="row">
        <h1>Graph</h1>
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault()
            setChosen(undefined)
            setSearch(typed.trim() === '' ? {} : { target: typed.trim() })
          }}
        >
          <input
            type="search"
            aria-label="A node, a role, a deployment or a node-role"
            placeholder="all roles, or a target"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <button type="submit">Show</button>
        </form>
        <label>
          as{' '}
          <select value={seen?.level ?? finest} onChange={(event) => setChosen(event.target.value as Level)}>
            {target === '' ? null : <option value="node-role">node-roles</option>}
            <option value="role">roles</option>
            <option value="deployment">deployments</option>
          </select>
        </label>
        <span className="grow" />
        <CopyCommand command={isNodeRole(target) ? `anneal why ${target}` : 'anneal status --all'} />
      </div>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      {asking && value === undefined ? <p className="faint">asking ...</p> : null}
      {seen === undefined || value === undefined ? null : (
        <>
          <p className="faint">
            Solid: goes first. Dashed: says a value that the other reads. A broken red edge around a box: it
            stands in a circle.{' '}
            {seen.level === 'node-role' || seen.level === finest
              ? ''
              : `More than ${MOST_NODES} would not be read: shown by ${seen.level}. `}
            {value.left === undefined || value.left === 0
              ? ''
              : `${value.left} more are left out: name a smaller target.`}
          </p>
          {seen.nodes.length === 0 ? <p className="faint">Nothing is placed.</p> : null}
          {seen.nodes.length > MOST_NODES * 3 ? (
            <p className="problem">
              {seen.nodes.length} boxes cannot be looked at: choose roles or deployments above, or a smaller
              target.
            </p>
          ) : (
            <Suspense fallback={<p className="faint">loading the picture ...</p>}>
              <Picture seen={seen} />
            </Suspense>
          )}
          <details>
            <summary>The same as a table</summary>
            <EdgeTable seen={seen} />
          </details>
        </>
      )}
    </div>
  )
}

/** Of all else the command line draws nothing, and tells how it stands. */
function isNodeRole(target: string): boolean {
  return target.split('/').length === 3
}

const ORDER: readonly Level[] = ['node-role', 'role', 'deployment']

function atLeast(level: Level, finest: Level): Level {
  return ORDER.indexOf(level) < ORDER.indexOf(finest) ? finest : level
}

function EdgeTable({ seen }: { seen: Seen }) {
  return (
    <table>
      <thead>
        <tr>
          <th>first</th>
          <th>then</th>
          <th>because</th>
        </tr>
      </thead>
      <tbody>
        {seen.edges.slice(0, 1_000).map((edge) => (
          <tr key={edge.id}>
            <td>
              <Link href={`/graph?target=${encodeURIComponent(edge.from)}`}>{edge.from}</Link>
            </td>
            <td>
              <Link href={`/graph?target=${encodeURIComponent(edge.to)}`}>{edge.to}</Link>
            </td>
            <td>{edge.kind === 'order' ? 'order' : `data${edge.says === '' ? '' : `: ${edge.says}`}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
