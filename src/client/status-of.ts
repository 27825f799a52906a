// The status of a served site: the head of it, and its node-roles page by page.
import { type Answer, answer } from '../model/refusal.ts'
import type { NodeRoleView, StatusView } from '../model/view.ts'
import { listOf } from './list-of.ts'
import { type Connection, request } from './request.ts'

type Head = Omit<StatusView, 'nodeRoles'> & { seq: number; nodeRoles: number; notable?: NodeRoleView[] }

/** With `most` one question and one short answer, however large the fleet is. */
export async function statusOf(connection: Connection, most?: number): Promise<Answer<StatusView>> {
  const path = '/api/v1/status'
  const head = await request<Head>(connection, most === undefined ? path : `${path}?notable=${most}`)
  if (!head.ok) return head
  if (most !== undefined) {
    const { seq: _seq, notable = [], ...status } = head.value
    return answer({ ...status, nodeRoles: notable })
  }
  const nodeRoles = await listOf<NodeRoleView>(connection, '/api/v1/node-roles')
  if (!nodeRoles.ok) return nodeRoles
  const { seq: _seq, ...status } = head.value
  return answer({ ...status, nodeRoles: nodeRoles.value })
}
