// What happened to a node: when it answered and when not, and which facts changed from what to what.
import { useAnswer } from '../http/use-answer.ts'
import { localTime } from '../parts/moments.ts'
import { ValueText } from '../parts/value-text.tsx'

interface HistoryEntry {
  seq: number
  at: number
  kind: string
  by?: string
  why?: string
  fault?: { message: string }
  changes?: { path: string[]; before?: unknown; after?: unknown }[]
}

const SAYS: Record<string, string> = {
  nodeReached: 'answered',
  nodeLost: 'did not answer',
  connectionLost: 'lost its connection',
  factsChanged: 'facts changed',
  availabilityChanged: 'availability changed',
  nodeForgotten: 'was let go',
}

export function NodeHistory({ name, again }: { name: string; again: unknown }) {
  const { value } = useAnswer<{ items: HistoryEntry[] }>(`/nodes/${name}/history`, again)
  if (value === undefined || value.items.length === 0) return null
  return (
    <>
      <h2>History</h2>
      <table>
        <tbody>
          {[...value.items].reverse().map((entry) => (
            <tr key={entry.seq}>
              <td>{localTime(entry.at)}</td>
              <td>
                {SAYS[entry.kind] ?? entry.kind}
                {entry.by === undefined ? '' : ` by ${entry.by}`}
                {entry.why === undefined ? '' : `: ${entry.why}`}
                {entry.fault === undefined ? '' : `: ${entry.fault.message}`}
              </td>
              <td>
                {(entry.changes ?? []).slice(0, 20).map((change) => (
                  <div key={change.path.join('.')}>
                    <span className="mono">{change.path.join('.')}</span> <ValueText value={change.before} />{' '}
                    → <ValueText value={change.after} />
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
