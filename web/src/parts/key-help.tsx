// The list of keys, opened by a question mark from anywhere that is not a field.
import { Dialog } from '@base-ui/react/dialog'
import { useEffect, useState } from 'react'

const KEYS: readonly [string, string][] = [
  ['arrows, h j k l', 'move the cursor over the cells of the board'],
  ['Page Up, Page Down', 'a screen up or down'],
  ['Home, End', 'the name of the node, the last role; with Ctrl the first and the last node'],
  ['Enter', 'open the node-role, or the node; open and close a group'],
  ['/', 'filter by the name of a node or a role'],
  ['Escape', 'leave a field or a dialog'],
  ['g b, g g, g t, g c', 'go to the board, the graph, the timeline, the cycles'],
  ['?', 'this list'],
]

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
      <Dialog.Root open={open} onOpenChange={setOpen}>
        <Dialog.Portal>
          <Dialog.Backdrop className="dialog-back" />
          <Dialog.Popup className="dialog">
            <Dialog.Title render={<h1 />}>Keys</Dialog.Title>
            <dl className="keys">
              {KEYS.map(([keys, does]) => (
                <div key={keys} style={{ display: 'contents' }}>
                  <dt>
                    <kbd>{keys}</kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
            <p className="right">
              <Dialog.Close>Close</Dialog.Close>
            </p>
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
    </>
  )
}

const PLACES: Record<string, string> = { b: '/', g: '/graph', t: '/timeline', c: '/cycles' }

function isInField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}
