// The list of keys, in a dialog.
import { Dialog } from '@base-ui/react/dialog'

const KEYS: readonly [string, string][] = [
  ['arrows, h j k l', 'move the cursor over the cells of the board'],
  ['Page Up, Page Down', 'a screen up or down'],
  ['Home, End', 'the name of the node, the last role; with Ctrl the first and the last node'],
  ['Enter', 'open the node-role, or the node; open and close a group'],
  ['/', 'filter by the name of a node or a role'],
  ['Escape', 'leave a field or a dialog'],
  ['g b, g n, g g, g t, g c', 'go to the board, the nodes, the graph, the timeline, the cycles'],
  ['?', 'this list'],
]

export function KeyList({ onClose }: { onClose: () => void }) {
  return (
    <Dialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
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
  )
}
