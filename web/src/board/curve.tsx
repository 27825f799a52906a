// The curve of the temperature: the share of node-roles that are not at rest, of the last cycles and as it goes on.
import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useLive } from '../live/use-live.ts'
import { SURFACE } from '../matrix/palette.ts'
import { temperatureText } from '../parts/site-line.tsx'
import { useTheme } from '../parts/use-theme.ts'

const HEIGHT = 86

export function Curve() {
  const { live, version } = useLive('cells')
  const events = useLive('events').version
  const { theme } = useTheme()
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot>(undefined)
  const { curve, cells } = live
  const temperature =
    cells === undefined || cells.placed === 0 ? 0 : 1 - cells.countOf('active') / cells.placed
  curve.sample(Date.now(), temperature)

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const made = new UPlot(optionsOf(element.clientWidth, theme), [[], []], element)
    plot.current = made
    made.setData([live.curve.times, live.curve.temperatures])
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }))
    sizes.observe(element)
    return () => {
      sizes.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [theme, live])
  useEffect(() => {
    // Up to now, so that a level stretch is seen as one.
    plot.current?.setData([
      [...curve.times, Date.now() / 1_000],
      [...curve.temperatures, curve.temperatures.at(-1) ?? 0],
    ])
  }, [curve, version, events, curve.version])
  return (
    <>
      <span className="curve-name" aria-hidden="true">
        temperature {temperatureText(temperature)}
      </span>
      <div
        ref={box}
        role="img"
        aria-label={`Temperature over time; now ${temperatureText(temperature)}, which is the share of node-roles that are not active`}
      />
    </>
  )
}

function optionsOf(width: number, theme: 'light' | 'dark'): UPlot.Options {
  const { faint, line } = SURFACE[theme]
  const accent = theme === 'dark' ? '#ff8f73' : '#b5341a'
  const axis = {
    stroke: faint,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  }
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false } },
    scales: {
      // A minute at least: of less there is nothing to see.
      x: { time: true, range: (_, from, to) => [Math.min(from ?? to, (to ?? 0) - 60), to] },
      y: { range: (_, __, most) => [0, Math.max(0.1, most)] },
    },
    axes: [
      { ...axis, size: 22 },
      {
        ...axis,
        size: 44,
        splits: (_, __, ___, most) => [0, most / 2, most],
        values: (_, ticks) => ticks.map((tick) => tick.toFixed(2)),
      },
    ],
    series: [
      {},
      {
        stroke: accent,
        width: 1.5,
        fill: `${accent}22`,
        paths: UPlot.paths.stepped?.({ align: 1 }) as UPlot.Series.PathBuilder,
        points: { show: false },
      },
    ],
  }
}
