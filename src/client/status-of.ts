// The status of a served site, now or at a moment of its past: the head of it, and its node-roles page by page.
import type { Moment, Then } from '../model/moment.ts'
import { type Answer, answer } from '../model/refusal.ts'
import type { NodeRoleView, StatusView } from '../model/view.ts'
import { listOf } from './list-of.ts'
import { type Connection, request, searchOf } from './request.ts'

type Head = Omit<StatusView, 'nodeRoles' | 'past'> & Then & { nodeRoles: number; notable?: NodeRoleView[] }

/** With `most` one question and one short answer, however large the fleet is. */
export async function statusOf(
  connection: Connection,
  most?: number,
  moment?: Moment,
): Promise<Answer<StatusView>> {
  const asked = { ...(moment && searchedBy(moment)), notable: most }
  const head = await request<Head>(connection, `/api/v1/status?${searchOf(asked)}`)
  if (!head.ok) return head
  const { seq, at, notable, ...status } = head.value
  const past = moment && { past: at === undefined ? { seq } : { seq, at } }
  if (notable) return answer({ ...status, ...past, nodeRoles: notable })
  const list = `/api/v1/node-roles?${searchOf(moment ? { at: seq } : {})}`
  const nodeRoles = await listOf<NodeRoleView>(connection, list)
  return nodeRoles.ok ? answer({ ...status, ...past, nodeRoles: nodeRoles.value }) : nodeRoles
}

function searchedBy(moment: Moment): { at: number } | { time: number } {
  return 'event' in moment ? { at: moment.event } : moment
}
