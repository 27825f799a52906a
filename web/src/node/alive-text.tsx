// Whether a node answers and may be worked on, in words and with a sign.
import type { NodeView } from '../../../src/model/view.ts'

export function AliveText({ node }: { node: NodeView }) {
  const alive = { yes: '● answers', no: '✕ does not answer', 'never reached': '○ never reached' }[node.alive]
  return (
    <span className={node.alive === 'no' ? 'bad' : node.alive === 'yes' ? 'good' : 'faint'}>
      {alive}
      {node.available ? '' : ', unavailable'}
    </span>
  )
}
