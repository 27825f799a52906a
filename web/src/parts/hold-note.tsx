// Says of a part of the site that somebody holds it: who, since when and why.
import type { HoldView } from '../../../src/model/view.ts'
import { localTime } from './moments.ts'

export function HoldNote({ hold }: { hold: HoldView | undefined }) {
  if (hold === undefined) return null
  return (
    <p>
      <span className="strong">held</span> by {hold.by} since {localTime(hold.since)}
      {hold.why === undefined || hold.why === '' ? '' : `: ${hold.why}`}
    </p>
  )
}
