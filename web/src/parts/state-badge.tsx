// A state as it stands in lists: its letter on its colour, and its word.
import type { State } from '../../../src/model/reason.ts'
import { LETTERS, LOOKS } from '../matrix/palette.ts'
import { useTheme } from './use-theme.ts'

export function StateBadge({ state, count }: { state: State; count?: number }) {
  const { theme } = useTheme()
  const { fill, ink } = LOOKS[theme][state]
  const colours = { '--fill': fill, '--mark': ink } as React.CSSProperties
  return (
    <span className="badge" style={colours}>
      <i
        aria-hidden="true"
        style={state === 'proposed' || state === 'error' ? { border: `1px solid ${ink}` } : {}}
      >
        {LETTERS[state]}
      </i>
      {count === undefined ? '' : `${count.toLocaleString('en')} `}
      {state}
    </span>
  )
}
