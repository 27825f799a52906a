// What of the board is shown: by name, by state with its count, and how nodes are grouped.
import { useEffect, useId, useRef, useState } from 'react'
import { STATES } from '../../../src/model/reason.ts'
import type { Cells } from '../live/cells.ts'
import { useLive } from '../live/use-live.ts'
import { CopyCommand } from '../parts/copy-command.tsx'
import { StateBadge } from '../parts/state-badge.tsx'
import type { BoardFilters } from './use-filters.ts'

export interface FiltersProps {
  filters: BoardFilters
  onFilters: (change: Partial<BoardFilters>) => void
  cells: Cells
}

const GROUPS: readonly [string, string][] = [
  ['none', 'no groups'],
  ['deployment', 'deployment'],
  ['role', 'role'],
  ['rack', 'rack'],
  ['variant', 'variant'],
]

export function Filters({ filters, onFilters, cells }: FiltersProps) {
  useLive('cells')
  const field = useRef<HTMLInputElement>(null)
  const group = useId()
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (
        event.key !== '/' ||
        event.target instanceof HTMLInputElement ||
        event.target instanceof HTMLTextAreaElement
      )
        return
      event.preventDefault()
      field.current?.focus()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  const isLabel = filters.group.startsWith('label:')
  return (
    <div className="filters" role="search" aria-label="Filter of the board">
      <input
        ref={field}
        type="search"
        placeholder="node or role ( / )"
        aria-label="Part of the name of a node or a role"
        value={filters.text}
        onChange={(event) => onFilters({ text: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur()
        }}
      />
      {STATES.map((state) => {
        const pressed = filters.states.includes(state)
        return (
          <button
            key={state}
            type="button"
            className="chip"
            aria-pressed={pressed}
            onClick={() =>
              onFilters({
                states: pressed
                  ? filters.states.filter((each) => each !== state)
                  : [...filters.states, state],
              })
            }
          >
            <StateBadge state={state} count={cells.countOf(state)} />
          </button>
        )
      })}
      <label htmlFor={group}>group by</label>
      <select
        id={group}
        value={isLabel ? 'label:' : filters.group}
        onChange={(event) => onFilters({ group: event.target.value })}
      >
        {GROUPS.map(([value, says]) => (
          <option key={value} value={value}>
            {says}
          </option>
        ))}
        <option value="label:">label ...</option>
      </select>
      {isLabel ? <LabelField group={filters.group} onGroup={(next) => onFilters({ group: next })} /> : null}
      <span className="grow" />
      <CopyCommand command="anneal status" />
    </div>
  )
}

/** Taken when it is left or entered: each key would be a question to the server. */
function LabelField({ group, onGroup }: { group: string; onGroup: (group: string) => void }) {
  const [text, setText] = useState(group.slice('label:'.length))
  return (
    <input
      aria-label="Key of the label"
      placeholder="key of a label"
      value={text}
      size={12}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => onGroup(`label:${text.trim()}`)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onGroup(`label:${text.trim()}`)
      }}
    />
  )
}
