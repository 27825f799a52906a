// Bars on a time line, one row per thing; what lies on the critical path has a heavy edge and says so.
import { Link } from 'wouter'
import { formatDuration } from './moments.ts'

export interface GanttBar {
  key: string
  fromMs: number
  toMs: number
  /** Said of the bar when it is pointed at, and in the table that stands for the picture. */
  says: string
  tone: 'ok' | 'bad' | 'running'
  critical?: boolean
}

export interface GanttRow {
  key: string
  label: string
  href: string
  bars: GanttBar[]
}

const ROW = 20
const LABELS = 250
/** Whole in a window of 1280 pixels; narrower ones scroll. */
const WIDTH = 1_240
const SHOWN = 200

export function Gantt({
  rows,
  fromMs,
  toMs,
  about,
}: {
  rows: readonly GanttRow[]
  fromMs: number
  toMs: number
  about: string
}) {
  const shown = rows.slice(0, SHOWN)
  const span = Math.max(1, toMs - fromMs)
  const x = (ms: number): number => LABELS + ((ms - fromMs) / span) * (WIDTH - LABELS - 20)
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => fromMs + share * span)
  const height = 24 + shown.length * ROW + 6
  return (
    <>
      <div className="gantt" tabIndex={0} role="region" aria-label={about}>
        <svg width={WIDTH} height={height} aria-label={about}>
          {ticks.map((tick) => (
            <g key={tick}>
              <line x1={x(tick)} x2={x(tick)} y1={20} y2={height} stroke="var(--line)" />
              <text x={x(tick)} y={14} textAnchor={tick === toMs ? 'end' : 'start'}>
                {formatDuration(tick - fromMs)}
              </text>
            </g>
          ))}
          {shown.map((row, i) => (
            <g key={row.key} transform={`translate(0 ${24 + i * ROW})`}>
              <Link href={row.href}>
                <text x={6} y={14} style={{ fill: 'var(--accent)' }}>
                  {row.label.length > 38 ? `…${row.label.slice(-37)}` : row.label}
                </text>
              </Link>
              {row.bars.map((bar) => (
                <rect
                  key={bar.key}
                  x={x(bar.fromMs)}
                  y={3}
                  width={Math.max(2, x(bar.toMs) - x(bar.fromMs))}
                  height={ROW - 6}
                  fill={`var(--bar-${bar.tone})`}
                  stroke={bar.critical === true ? 'var(--ink)' : 'none'}
                  strokeWidth={bar.critical === true ? 2 : 0}
                >
                  <title>{bar.says}</title>
                </rect>
              ))}
            </g>
          ))}
        </svg>
      </div>
      {rows.length > shown.length ? (
        <p className="faint">and {rows.length - shown.length} more rows</p>
      ) : null}
    </>
  )
}
