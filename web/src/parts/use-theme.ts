// Light or dark: as the system has it, unless the reader has chosen; remembered in this browser.
import { useCallback, useSyncExternalStore } from 'react'
import type { Theme } from '../matrix/palette.ts'

type Choice = Theme | 'system'

const KEY = 'anneal.theme'
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()
let choice = remembered()
show()
dark.addEventListener('change', changed)

export function useTheme(): { theme: Theme; choice: Choice; choose: (choice: Choice) => void } {
  const theme = useSyncExternalStore(subscribe, themeNow)
  const now = useSyncExternalStore(subscribe, () => choice)
  const choose = useCallback((next: Choice) => {
    choice = next
    try {
      localStorage.setItem(KEY, next)
    } catch {
      // Private windows may refuse it: then it holds until the page is closed.
    }
    changed()
  }, [])
  return { theme, choice: now, choose }
}

function themeNow(): Theme {
  if (choice !== 'system') return choice
  return dark.matches ? 'dark' : 'light'
}

function changed(): void {
  show()
  for (const listener of listeners) listener()
}

function show(): void {
  document.documentElement.dataset['theme'] = themeNow()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function remembered(): Choice {
  try {
    const kept = localStorage.getItem(KEY)
    return kept === 'light' || kept === 'dark' ? kept : 'system'
  } catch {
    return 'system'
  }
}
