// A machine that does not answer, as lines: why, and what to do; each state of it once.
import type { NodeView } from '../model/view.ts'
import { lostWords } from '../model/words.ts'
import { firstLine, type Line, styled } from './text.ts'

/** Nothing for a node that answers, or was never tried. */
export function nodeFaultLines(node: NodeView): Line[] {
  if (node.alive !== 'no' || node.fault === undefined) return []
  const words = lostWords(node.fault)
  const says: Line = [styled('bad', `! ${node.name} is not alive`), `  ${firstLine(words.says)}`]
  return words.next === undefined ? [says] : [says, [styled('faint', '    next: '), words.next]]
}

/** Tells what is new: a machine is tried again and again, and told of once until it answers or fails otherwise. */
export class NodeNews {
  readonly #silent = new Map<string, string>()

  of(node: NodeView): Line[] {
    const before = this.#silent.get(node.name)
    if (node.alive === 'yes') {
      this.#silent.delete(node.name)
      return before === undefined ? [] : [[styled('good', `+ ${node.name} answers again`)]]
    }
    const now = node.fault?.message ?? ''
    if (node.alive !== 'no' || before === now) return []
    this.#silent.set(node.name, now)
    return nodeFaultLines(node)
  }
}
