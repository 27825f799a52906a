// The board before anything is placed: what waits for a word, or how to make a start.
import { Link } from 'wouter'
import { revisionPath } from '../parts/links.ts'
import { useStatus } from '../parts/use-status.tsx'

export function EmptyBoard() {
  const waiting = useStatus()?.waiting ?? []
  return (
    <div className="view">
      <p>Nothing is placed on a node yet.</p>
      {waiting.map(({ revision, message }) => (
        <p key={revision}>
          <Link href={revisionPath(revision)}>Revision {revision}</Link> waits for somebody to commit it:{' '}
          {message}
        </p>
      ))}
      {waiting.length > 0 ? null : (
        <p className="faint">Write down nodes and roles in anneal.yaml; anneal up commits them.</p>
      )}
    </div>
  )
}
