// The lanes beside the board: what failed, runs, waits and waits for a person, each a table that is drawn as far as it is seen.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState } from 'react'
import { Link } from 'wouter'
import { reasonWords } from '../../../src/model/words.ts'
import type { Lane } from '../live/tellings.ts'
import { useLive } from '../live/use-live.ts'
import { nodeRolePath } from '../parts/links.ts'
import { StateBadge } from '../parts/state-badge.tsx'

const LANES: readonly { lane: Lane; empty: string }[] = [
  { lane: 'failed', empty: 'Nothing is in error.' },
  { lane: 'running', empty: 'Nothing runs.' },
  { lane: 'waiting', empty: 'Nothing waits for something else.' },
  { lane: 'held', empty: 'Nothing waits for a person.' },
]

export function Lanes() {
  const { live } = useLive('cells')
  const [chosen, setChosen] = useState<Lane>('failed')
  const all = live.tellings.lanes()
  const lanes = LANES.map(({ lane, empty }) => ({ lane, empty, views: all[lane] }))
  const { views, empty } = lanes.find(({ lane }) => lane === chosen) ?? { views: [], empty: '' }
  const window_ = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: views.length,
    getScrollElement: () => window_.current,
    estimateSize: () => 46,
    overscan: 6,
  })
  const now = Date.now()
  /** Cells know all that failed or runs; of the others the page knows those that it was told of. */
  const wholeOf = (lane: Lane): number | undefined => {
    if (lane === 'failed') return live.cells?.countOf('error')
    return lane === 'running' ? live.cells?.countOf('transition') : undefined
  }
  const whole = wholeOf(chosen) ?? views.length
  return (
    <section className="lanes" aria-label="Lanes">
      <div className="lane-tabs" role="tablist" aria-label="Lanes">
        {lanes.map(({ lane, views: own }) => (
          <button
            key={lane}
            id={`lane-${lane}`}
            type="button"
            role="tab"
            aria-selected={lane === chosen}
            aria-controls="lane-list"
            onClick={() => setChosen(lane)}
          >
            {lane} <span className="faint">{(wholeOf(lane) ?? own.length).toLocaleString('en')}</span>
          </button>
        ))}
      </div>
      <div
        className="lane-list"
        ref={window_}
        id="lane-list"
        role="tabpanel"
        aria-labelledby={`lane-${chosen}`}
        tabIndex={0}
      >
        {views.length === 0 ? (
          <p className="faint" style={{ padding: '4px 12px' }}>
            {empty}
          </p>
        ) : null}
        {whole > views.length ? (
          <p className="faint" style={{ padding: '4px 12px' }}>
            {views.length.toLocaleString('en')} of {whole.toLocaleString('en')}, those of the last changes
            first
          </p>
        ) : null}
        <div
          style={{ height: rows.getTotalSize(), position: 'relative' }}
          role="table"
          aria-label={`Lane ${chosen}`}
          aria-rowcount={views.length}
        >
          {rows.getVirtualItems().map(({ index, start, size }) => {
            const view = views[index]
            if (view === undefined) return null
            return (
              <div
                key={view.id}
                role="row"
                aria-rowindex={index + 1}
                className="lane-item"
                style={{
                  position: 'absolute',
                  top: 0,
                  left: 0,
                  right: 0,
                  height: size,
                  transform: `translateY(${start}px)`,
                }}
              >
                <div role="cell" className="row" style={{ flexWrap: 'nowrap' }}>
                  <Link href={nodeRolePath(view.id)} className="mono">
                    {view.id}
                  </Link>
                  <span className="grow" />
                  <StateBadge state={view.state} />
                </div>
                <div role="cell" className="says">
                  {reasonWords(view.id, view.reason, now).says.split('\n')[0]}
                </div>
              </div>
            )
          })}
        </div>
      </div>
    </section>
  )
}
