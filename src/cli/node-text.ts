// A machine that does not answer, as lines: why, and what to do.
import type { NodeView } from '../model/view.ts'
import { faultWords } from '../model/words.ts'
import { type Line, styled } from './text.ts'

/** Nothing for a node that answers, or was never tried. */
export function nodeFaultLines(node: NodeView): Line[] {
  if (node.alive !== 'no' || node.fault === undefined) return []
  const words = faultWords(node.fault)
  const says: Line = [styled('bad', `! ${node.name} is not alive`), `  ${words.says}`]
  return words.next === undefined ? [says] : [says, [styled('faint', '    next: '), words.next]]
}
