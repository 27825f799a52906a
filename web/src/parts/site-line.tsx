// How the site stands, in one line: the same words as the first line of `anneal status`.
import { useEffect, useRef, useState } from 'react'
import { scopeName } from '../../../src/model/scope.ts'
import type { StatusView } from '../../../src/model/view.ts'
import { useAnswer } from '../http/use-answer.ts'
import { useLive } from '../live/use-live.ts'

/** A status of a large site is not for asking at each event. */
const PAUSE_MS = 1_000

export function SiteLine() {
  const { live, version } = useLive('cells')
  const events = useLive('events').version
  const [again, setAgain] = useState(0)
  const timer = useRef<number>(undefined)
  useEffect(() => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined
      setAgain((times) => times + 1)
    }, PAUSE_MS)
  }, [version, events])
  const { value: status } = useAnswer<Omit<StatusView, 'nodeRoles'>>('/status', again)
  if (status === undefined) return <span className="faint">{live.problem?.says ?? 'connecting ...'}</span>
  return (
    <span className="row">
      <span className="strong">{status.site}</span>
      <span>{status.revision === 0 ? 'nothing committed yet' : `revision ${status.revision}`}</span>
      <span className={toneOf(status)}>{standing(status)}</span>
      {status.holds.length === 0 ? null : (
        <span className="faint">held: {status.holds.map(({ scope }) => scopeName(scope)).join(', ')}</span>
      )}
    </span>
  )
}

type Standing = Omit<StatusView, 'nodeRoles'>

function standing(status: Standing): string {
  if (status.ready && status.waiting) return 'ready, and a proposal waits for your word'
  if (status.ready) return 'ready'
  if (status.atRest && status.remains === 'word') return 'at rest, waits for your word'
  if (status.atRest) return 'at rest, with problems'
  return `annealing, temperature ${temperatureText(status.temperature)}`
}

function toneOf(status: Standing): string {
  if (status.ready) return 'good'
  return status.atRest && status.remains !== 'word' ? 'bad' : ''
}

export function temperatureText(share: number): string {
  return share > 0 && share < 0.01 ? '<0.01' : share.toFixed(2)
}
