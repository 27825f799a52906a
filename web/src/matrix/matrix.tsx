// The matrix: a canvas over what is seen of it, a cursor that keys move, and the same cell as a grid for who cannot see it.
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Cells } from '../live/cells.ts'
import { useTheme } from '../parts/use-theme.ts'
import { CELL, type Geometry, geometryOf, LINE, NAMES, placeAt } from './geometry.ts'
import type { Lines } from './lines.ts'
import { type Cursor, moved } from './moves.ts'
import { paint } from './paint.ts'

interface CellsTopic {
  listen(topic: 'cells', listener: () => void): () => void
}

export interface MatrixProps {
  /** Tells of `cells` when they have changed. */
  topics: CellsTopic
  cells: Cells
  lines: Lines
  cursor: Cursor
  onCursor: (cursor: Cursor) => void
  onOpen: (cursor: Cursor) => void
  /** Said of the cell under the cursor, to who hears the page. */
  telling: string
}

export function Matrix({ topics, cells, lines, cursor, onCursor, onOpen, telling }: MatrixProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [focused, setFocused] = useState(false)
  const { theme } = useTheme()
  const geometry = useMemo(
    () =>
      geometryOf(
        lines.columns.flatMap((i) => cells.columns[i] ?? []),
        lines.lines.length,
      ),
    [cells, lines],
  )
  const draw = useCallback(() => {
    const [window_, picture] = [scroller.current, canvas.current]
    if (window_ === null || picture === null) return
    const size = { width: window_.clientWidth, height: window_.clientHeight }
    const context = fitted(picture, size)
    const scroll = { left: window_.scrollLeft, top: window_.scrollTop }
    paint(context, { cells, lines, geometry, scroll, size, cursor: focused ? cursor : undefined, theme })
  }, [cells, lines, geometry, cursor, focused, theme])

  useFrames(draw, topics, scroller)
  useEffect(() => {
    if (focused) scrollTo(scroller.current, cursor, geometry)
  }, [cursor, geometry, focused])

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.metaKey) return
    if (event.key === 'Enter') return onOpen(cursor)
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - geometry.head) / LINE) - 1)
    const room = { lines: lines.lines.length, columns: lines.columns.length, page }
    const next = moved(cursor, event.key, event.ctrlKey, room)
    if (next === undefined) return
    event.preventDefault()
    onCursor(next)
  }
  const placeOf = (event: MouseEvent): Cursor | undefined => {
    const window_ = scroller.current
    if (window_ === null) return undefined
    const box = window_.getBoundingClientRect()
    const scroll = { left: window_.scrollLeft, top: window_.scrollTop }
    const size = { lines: lines.lines.length, columns: lines.columns.length }
    return placeAt(event.clientX - box.left, event.clientY - box.top, scroll, geometry, size)
  }
  return (
    <div
      ref={scroller}
      className="matrix"
      role="grid"
      tabIndex={0}
      aria-label="Node-roles by node and role"
      aria-rowcount={lines.lines.length}
      aria-colcount={lines.columns.length + 1}
      aria-activedescendant={`cell-${cursor.line}-${cursor.column}`}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        const place = placeOf(event)
        if (place !== undefined) onCursor(place)
      }}
      onDoubleClick={(event) => {
        const place = placeOf(event)
        if (place !== undefined) onOpen(place)
      }}
    >
      <div
        className="matrix-extent"
        style={{ width: geometry.width, height: geometry.height + geometry.head }}
      >
        <canvas ref={canvas} className="matrix-canvas" aria-hidden="true" />
      </div>
      <div role="row" aria-rowindex={cursor.line + 1} className="unseen">
        <div role="gridcell" id={`cell-${cursor.line}-${cursor.column}`} aria-colindex={cursor.column + 2}>
          {telling}
        </div>
      </div>
    </div>
  )
}

/** Draws when something has changed, at most once per frame. */
function useFrames(draw: () => void, topics: CellsTopic, scroller: { current: HTMLDivElement | null }): void {
  useEffect(() => {
    let frame: number | undefined
    const ask = (): void => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined
        draw()
      })
    }
    ask()
    const silence = topics.listen('cells', ask)
    const window_ = scroller.current
    window_?.addEventListener('scroll', ask, { passive: true })
    const sizes = new ResizeObserver(ask)
    if (window_ !== null) sizes.observe(window_)
    return () => {
      silence()
      window_?.removeEventListener('scroll', ask)
      sizes.disconnect()
      if (frame !== undefined) cancelAnimationFrame(frame)
    }
  }, [draw, topics, scroller])
}

function fitted(
  canvas: HTMLCanvasElement,
  size: { width: number; height: number },
): CanvasRenderingContext2D {
  const scale = window.devicePixelRatio
  const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)]
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
    canvas.style.width = `${size.width}px`
    canvas.style.height = `${size.height}px`
  }
  const context = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D
  context.setTransform(scale, 0, 0, scale, 0, 0)
  return context
}

function scrollTo(window_: HTMLDivElement | null, { line, column }: Cursor, { head }: Geometry): void {
  if (window_ === null) return
  const [top, bottom] = [line * LINE, (line + 1) * LINE]
  const height = window_.clientHeight - head
  if (top < window_.scrollTop) window_.scrollTop = top
  else if (bottom > window_.scrollTop + height) window_.scrollTop = bottom - height
  if (column < 0) return
  const [left, right] = [column * CELL, (column + 1) * CELL]
  const width = window_.clientWidth - NAMES
  if (left < window_.scrollLeft) window_.scrollLeft = left
  else if (right > window_.scrollLeft + width) window_.scrollLeft = right - width
}
