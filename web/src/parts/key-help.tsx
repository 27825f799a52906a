// Keys that work from anywhere: a question mark lists all keys, g and a letter goes to a view.
import { Suspense, useEffect, useState } from 'react'
import { late } from './late.tsx'

const KeyList = late(async () => (await import('./key-list.tsx')).KeyList)

export function KeyHelp({ goTo }: { goTo: (path: string) => void }) {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    let before = ''
    const onKey = (event: KeyboardEvent): void => {
      if (isInField(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
      const path = before === 'g' ? PLACES[event.key] : undefined
      before = event.key
      if (path !== undefined) goTo(path)
      if (event.key === '?') setOpen(true)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [goTo])
  return (
    <>
      <button type="button" className="quiet" onClick={() => setOpen(true)} aria-label="Keys">
        <kbd>?</kbd>
      </button>
      {open ? (
        <Suspense fallback={null}>
          <KeyList onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  )
}

const PLACES: Record<string, string> = { b: '/', n: '/nodes', g: '/graph', t: '/timeline', c: '/cycles' }

function isInField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}
