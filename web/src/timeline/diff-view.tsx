// What committing would do: how many runs on how many nodes and about how long, and each node-role with what makes it run.
import { Link } from 'wouter'
import type { Diff } from '../../../src/model/view.ts'
import { causeWords, shortWords, unboundWords } from '../../../src/model/words.ts'
import { nodeRolePath } from '../parts/links.ts'
import { formatDuration } from '../parts/moments.ts'
import { ValueText } from '../parts/value-text.tsx'

const SIGNS = { add: '+', change: '~', remove: '-', retry: '>', rinse: '±' } as const
const SHOWN = 300

export function DiffView({ diff }: { diff: Diff }) {
  const { estimate } = diff
  return (
    <>
      <p>
        {diff.changes.length === 0 && diff.mayFollow.length === 0
          ? 'Nothing would run.'
          : `${estimate?.runs ?? diff.changes.length} runs on ${diff.nodes} nodes${estimate === undefined ? '' : `, about ${formatDuration(estimate.expectedMs)} (${formatDuration(estimate.lowMs)} to ${formatDuration(estimate.highMs)})`}, ${diff.mayFollow.length} may follow.`}
      </p>
      {diff.nodesAdded.length === 0 ? null : <p>+ nodes {diff.nodesAdded.join(', ')}</p>}
      {diff.nodesRemoved.length === 0 ? null : <p>- nodes {diff.nodesRemoved.join(', ')}</p>}
      {(diff.short ?? []).map((short) => (
        <p key={`${short.deployment} ${short.role}`}>{shortWords(short).says}</p>
      ))}
      {diff.rollouts.map((rollout) => (
        <p key={`${rollout.deployment}/${rollout.role}`}>
          {rollout.deployment}/{rollout.role} goes out in steps:{' '}
          {rollout.variants.map(({ variant, steps }) => `${variant}: ${steps.join(', ')}`).join('; ')}
        </p>
      ))}
      <table>
        <tbody>
          {diff.changes.slice(0, SHOWN).map((change) => (
            <tr key={change.nodeRole}>
              <td className="mono" title={change.what}>
                {SIGNS[change.what]} <span className="unseen">{change.what}</span>
              </td>
              <td>
                <Link href={nodeRolePath(change.nodeRole)} className="mono">
                  {change.nodeRole}
                </Link>
                {change.destructive ? <div className="bad">runs again although it is marked once</div> : null}
              </td>
              <td>
                {causeWords(change.cause)}
                {change.inputs.map((input) => (
                  <div key={input.input}>
                    <span className="mono">{input.input}</span>{' '}
                    <ValueText value={input.before} sensitive={input.sensitive} /> →{' '}
                    <ValueText value={input.after} sensitive={input.sensitive} />
                  </div>
                ))}
                {change.knownAfter.map((known) => (
                  <div key={known.input} className="faint">
                    <span className="mono">{known.input}</span> is known later:{' '}
                    {unboundWords(known.unbound).says}
                  </div>
                ))}
              </td>
            </tr>
          ))}
          {diff.mayFollow.slice(0, SHOWN).map((follow) => (
            <tr key={`? ${follow.nodeRole}`}>
              <td className="mono">?</td>
              <td>
                <Link href={nodeRolePath(follow.nodeRole)} className="mono">
                  {follow.nodeRole}
                </Link>
              </td>
              <td className="faint">
                may follow, if {follow.after} says something new (its input {follow.input})
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {diff.changes.length > SHOWN ? <p className="faint">and {diff.changes.length - SHOWN} more</p> : null}
    </>
  )
}
