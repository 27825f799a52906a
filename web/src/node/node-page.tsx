// A node: whether it answers, what is known of it and since when, its node-roles, and their runs on a time line.
import { Link } from 'wouter'
import { nodeRoleName } from '../../../src/model/names.ts'
import { scopeExactly } from '../../../src/model/scope.ts'
import type { NodeDetails, RunView } from '../../../src/model/view.ts'
import { lostWords, reasonWords } from '../../../src/model/words.ts'
import type { Page } from '../http/shapes.ts'
import { useAnswer } from '../http/use-answer.ts'
import { useLive } from '../live/use-live.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { Gantt } from '../parts/gantt.tsx'
import { nodeRolePath } from '../parts/links.ts'
import { localTime } from '../parts/moments.ts'
import { ProblemNote } from '../parts/problem-note.tsx'
import { runRows } from '../parts/run-rows.ts'
import { StateBadge } from '../parts/state-badge.tsx'
import { WordsLines } from '../parts/words-lines.tsx'
import { AliveText } from './alive-text.tsx'
import { FactsTree } from './facts-tree.tsx'
import { NodeActions } from './node-actions.tsx'
import { NodeHistory } from './node-history.tsx'

export function NodePage({ node: name }: { node: string }) {
  const { version } = useLive('events')
  const cells = useLive('cells').version
  const slow = Math.floor(cells / 5)
  const { value, problem } = useAnswer<NodeDetails>(`/nodes/${name}`, `${version} ${slow}`)
  const node = value?.node
  const { value: facts } = useAnswer<Record<string, unknown>>(`/nodes/${name}/facts`, version)
  const target = encodeURIComponent(scopeExactly({ kind: 'node', node: name }))
  const { value: runs } = useAnswer<Page<RunView>>(`/runs?target=${target}&limit=200`, slow)
  const now = Date.now()
  const rows = runRows(runs?.items ?? [], new Set(), now)
  const from = Math.min(...rows.flatMap(({ bars }) => bars.map(({ fromMs }) => fromMs)))
  const to = Math.max(...rows.flatMap(({ bars }) => bars.map(({ toMs }) => toMs)))
  return (
    <div className="view">
      <div className="row">
        <h1 className="mono">{name}</h1>
        {node === undefined ? null : <AliveText node={node} />}
        <span className="grow" />
        <CopyCommand command={`anneal facts ${name}`} />
      </div>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      {value === undefined || node === undefined ? null : (
        <>
          <p>
            {connectionWords(value)} {node.os === undefined ? '' : `· ${node.os}`}{' '}
            {node.available ? '' : '· made unavailable by an operator (available: false)'}
          </p>
          {node.fault === undefined ? null : <WordsLines words={lostWords(node.fault)} />}
          <NodeActions name={name} />
          <div className="split">
            <div>
              <h2>Node-roles</h2>
              <table>
                <thead>
                  <tr>
                    <th>node-role</th>
                    <th>state</th>
                    <th>why</th>
                  </tr>
                </thead>
                <tbody>
                  {value.nodeRoles.map((each) => (
                    <tr key={each.id}>
                      <td>
                        <Link href={nodeRolePath(each.id)} className="mono">
                          {each.id}
                        </Link>
                      </td>
                      <td>
                        <StateBadge state={each.state} />
                      </td>
                      <td className="faint">{reasonWords(each.id, each.reason, now).says.split('\n')[0]}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <div>
              <h2>Labels</h2>
              {Object.keys(node.labels).length === 0 ? (
                <p className="faint">It has none.</p>
              ) : (
                <FactsTree facts={node.labels} open />
              )}
              {Object.keys(value.hints).length === 0 ? null : (
                <>
                  <h2>Hints</h2>
                  <FactsTree facts={value.hints} open />
                </>
              )}
              <Variants variants={value.variants} />
              <h2>Facts</h2>
              {facts === undefined || Object.keys(facts).length === 0 ? (
                <p className="faint">None are known: it was not reached yet.</p>
              ) : (
                <FactsTree facts={facts} />
              )}
            </div>
          </div>
          {rows.length === 0 ? null : (
            <>
              <h2>Runs</h2>
              <Gantt rows={rows} fromMs={from} toMs={to} about={`Runs on ${name} over time`} />
            </>
          )}
          <NodeHistory name={name} again={version} />
        </>
      )}
    </div>
  )
}

function connectionWords({ connection, node }: NodeDetails): string {
  const { kind, user, host, port, config, runner, since } = connection
  const place = kind === 'local' ? 'this machine' : `${user === undefined ? '' : `${user}@`}${host ?? ''}`
  const labels = Object.entries(runner ?? {}).map(([key, label]) => `${key}=${label}`)
  return [
    kind === 'local' ? place : `ssh ${place}${port === undefined ? '' : `:${port}`}`,
    ...(config === undefined ? [] : [`by ${config}`]),
    ...(runner === undefined
      ? []
      : [`from a runner${labels.length === 0 ? '' : ` with ${labels.join(', ')}`}`]),
    ...(since === undefined
      ? []
      : [`${node.alive === 'yes' ? 'answers' : 'silent'} since ${localTime(since)}`]),
  ].join(' · ')
}

/** What it is of all that roles tell nodes apart by. */
function Variants({ variants }: Pick<NodeDetails, 'variants'>) {
  if (variants.length === 0) return null
  return (
    <>
      <h2>Variants</h2>
      <ul className="tree">
        {variants.map(({ variant, nodeRoles }) => (
          <li key={variant}>
            <span className="mono">{variant}</span>{' '}
            <span className="faint">for {nodeRoles.map((id) => nodeRoleName(id).role).join(', ')}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
