// The filters of the board, kept in the address so that what one looks at can be sent to somebody else.
import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'wouter'
import { STATES, type State } from '../../../src/model/reason.ts'
import type { Filter } from '../matrix/lines.ts'

export interface BoardFilters extends Filter {
  /** none, deployment, role, rack, variant, or `label:KEY`. */
  group: string
}

export function useFilters(): [BoardFilters, (change: Partial<BoardFilters>) => void] {
  const [search, setSearch] = useSearchParams()
  const filters = useMemo(
    () => ({
      text: search.get('q') ?? '',
      states: (search.get('state') ?? '').split(',').filter(isState),
      group: search.get('group') ?? 'none',
    }),
    [search],
  )
  const change = useCallback(
    (next: Partial<BoardFilters>) => {
      setSearch(
        (before) => {
          const after = new URLSearchParams(before)
          put(after, 'q', next.text)
          put(after, 'state', next.states?.join(','))
          put(after, 'group', next.group === 'none' ? '' : next.group)
          return after
        },
        { replace: true },
      )
    },
    [setSearch],
  )
  return [filters, change]
}

function put(search: URLSearchParams, key: string, value: string | undefined): void {
  if (value === undefined) return
  if (value === '') search.delete(key)
  else search.set(key, value)
}

function isState(text: string): text is State {
  return (STATES as readonly string[]).includes(text)
}
