// What can be done about a node-role: retry, approve, hold, release, cancel; each says why it is off where it is.
import type { Right } from '../../../src/model/access.ts'
import type { Control } from '../../../src/model/control.ts'
import type { NodeRoleView } from '../../../src/model/view.ts'
import { tell } from '../http/ask.ts'
import { laneOf } from '../live/tellings.ts'
import { ActionButton } from '../parts/action-button.tsx'
import { HoldNote } from '../parts/hold-note.tsx'
import { useHold } from '../parts/use-hold.ts'
import { useMe, whyNot } from '../parts/use-me.ts'

export function NodeRoleActions({ nodeRole, onDone }: { nodeRole: NodeRoleView; onDone: () => void }) {
  const me = useMe()
  const { id, deployment, state, reason } = nodeRole
  const mayNot = (right: Right): string | undefined => whyNot(me, right, deployment)
  const { hold, known } = useHold({ kind: 'nodeRole', nodeRole: id })
  const isHeld = hold !== undefined
  const waitsForWord = laneOf(nodeRole) === 'held' && reason.kind === 'waits' && reason.wait.kind !== 'held'
  const control = (kind: 'retry' | 'approve' | 'hold' | 'release' | 'cancel') => (why: string | undefined) =>
    tell('/controls', { kind, targets: [id], ...(why === undefined ? {} : { why }) } satisfies Control)
  return (
    <>
      <HoldNote hold={hold} />
      <div className="row">
        <ActionButton
          label="Retry"
          about={`${id} runs again, with the inputs as they are then.`}
          command={`anneal retry ${id}`}
          off={mayNot('operate') ?? (state === 'transition' ? 'it runs already' : undefined)}
          act={control('retry')}
          onDone={onDone}
        />
        <ActionButton
          label="Approve"
          about={`${id} may go on with what it waits for.`}
          command={`anneal approve ${id}`}
          off={mayNot('approve') ?? (waitsForWord ? undefined : 'it waits for nobody’s word')}
          act={control('approve')}
          onDone={onDone}
        />
        <ActionButton
          label="Hold"
          about={`Nothing of ${id} starts until it is released. What runs goes on.`}
          command={`anneal hold ${id}`}
          off={mayNot('operate') ?? (isHeld ? 'it is held already' : undefined)}
          act={control('hold')}
          onDone={onDone}
        />
        <ActionButton
          label="Release"
          about={`${id} may start again, as far as nothing else holds it.`}
          command={`anneal release ${id}`}
          off={mayNot('operate') ?? (known && !isHeld ? 'nobody holds it by its own name' : undefined)}
          act={control('release')}
          onDone={onDone}
        />
        <ActionButton
          label="Cancel the run"
          about={`Its run is ended. What it leaves half-way is not known; it starts again on a person’s word.`}
          command={`anneal cancel ${id}`}
          off={mayNot('operate') ?? (state === 'transition' ? undefined : 'nothing of it runs')}
          act={control('cancel')}
          onDone={onDone}
        />
      </div>
    </>
  )
}
