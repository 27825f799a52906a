// A slot: the name under which a far end keeps what is ours, so that a new session ends what an earlier one left.
import { digestOfBytes } from '../base/digest.ts'

/**
 * One for each site and node. Two sites may share a login without ending each other's work, and nodes that share a home
 * directory do not take each other's processes for their own.
 */
export function slotOf(owner: string, node: string): string {
  return `s${digestOfBytes(`${owner}\n${node}`).slice(0, 20)}`
}
