// What can be done about a node as a whole: hold and release all of it, and let it go for good.
import { scopeExactly } from '../../../src/model/scope.ts'
import { tell } from '../http/ask.ts'
import { ActionButton } from '../parts/action-button.tsx'
import { HoldNote } from '../parts/hold-note.tsx'
import { useHold } from '../parts/use-hold.ts'
import { useMe, whyNot } from '../parts/use-me.ts'

export function NodeActions({ name }: { name: string }) {
  const me = useMe()
  const { hold, known } = useHold({ kind: 'node', node: name })
  const target = scopeExactly({ kind: 'node', node: name })
  const control = (kind: 'hold' | 'release') => (why: string | undefined) =>
    tell('/controls', {
      kind,
      targets: [target],
      ...(why === undefined ? {} : { why }),
    })
  return (
    <>
      <HoldNote hold={hold} />
      <div className="row">
        <ActionButton
          label="Hold the node"
          about={`Nothing starts on ${name} until it is released. What runs goes on.`}
          command={`anneal hold ${target}`}
          off={whyNot(me, 'operate') ?? (hold ? 'it is held already' : undefined)}
          act={control('hold')}
        />
        <ActionButton
          label="Release the node"
          about={`Work on ${name} may start again.`}
          command={`anneal release ${target}`}
          off={whyNot(me, 'operate') ?? (known && !hold ? 'nobody holds the node itself' : undefined)}
          act={control('release')}
        />
        <ActionButton
          label="Forget the node"
          about={`All that stands on ${name} is taken off the books without reaching it, also what would have to be removed there. It cannot be taken back.`}
          command={`anneal forget ${name}`}
          commandHasNoWhy
          off={whyNot(me, 'destructive')}
          act={(why) => tell(`/nodes/${name}/forget`, why === undefined ? {} : { why })}
        />
      </div>
    </>
  )
}
