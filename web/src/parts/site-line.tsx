// How the site stands, in one line: the same words as the first line of `anneal status`.
import { scopeName } from '../../../src/model/scope.ts'
import { useLive } from '../live/use-live.ts'
import { type Standing, useStatus } from './use-status.tsx'

export function SiteLine() {
  const { live } = useLive('cells')
  const status = useStatus()
  if (status === undefined) return <span className="faint">{live.problem?.says ?? 'connecting ...'}</span>
  return (
    <span className="row site-line">
      {status.revision === 0 ? (
        <span className="strong">nothing committed yet</span>
      ) : (
        <>
          <span className="strong">{status.site}</span>
          <span>revision {status.revision}</span>
        </>
      )}
      <span className={toneOf(status)}>{standing(status)}</span>
      {status.holds.length === 0 ? null : (
        <span className="faint">held: {status.holds.map(({ scope }) => scopeName(scope)).join(', ')}</span>
      )}
    </span>
  )
}

function standing(status: Standing): string {
  if (status.revision === 0) return status.waiting ? 'a proposal waits for your word' : ''
  if (status.ready && status.waiting) return 'ready, and a proposal waits for your word'
  if (status.ready) return 'ready'
  if (status.atRest && status.remains === 'word') return 'at rest, waits for your word'
  if (status.atRest) return 'at rest, with problems'
  return `annealing, temperature ${temperatureText(status.temperature)}`
}

function toneOf(status: Standing): string {
  if (status.waiting && status.ready) return ''
  if (status.ready) return 'good'
  return status.atRest && status.remains !== 'word' ? 'bad' : ''
}

export function temperatureText(share: number): string {
  return share > 0 && share < 0.01 ? '<0.01' : share.toFixed(2)
}
