// Chooses light, dark, or what the system says.
import { useTheme } from './use-theme.ts'

const NEXT = { system: 'light', light: 'dark', dark: 'system' } as const
const SAYS = { system: 'as the system', light: 'light', dark: 'dark' } as const
const SIGN = { system: '◐', light: '☀', dark: '☾' } as const

export function ThemeSwitch() {
  const { choice, choose } = useTheme()
  return (
    <button
      type="button"
      className="quiet"
      onClick={() => choose(NEXT[choice])}
      aria-label={`Theme: ${SAYS[choice]}. Change to ${SAYS[NEXT[choice]]}`}
      title={`theme: ${SAYS[choice]}`}
    >
      {SIGN[choice]}
    </button>
  )
}
