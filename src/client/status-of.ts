// The status of a served site: the head of it, and its node-roles page by page.
import { type Answer, answer } from '../model/refusal.ts'
import type { NodeRoleView, StatusView } from '../model/view.ts'
import { listOf } from './list-of.ts'
import { type Connection, request } from './request.ts'

export async function statusOf(connection: Connection): Promise<Answer<StatusView>> {
  const head = await request<Omit<StatusView, 'nodeRoles'> & { seq: number; nodeRoles: number }>(
    connection,
    '/api/v1/status',
  )
  if (!head.ok) return head
  const nodeRoles = await listOf<NodeRoleView>(connection, '/api/v1/node-roles')
  if (!nodeRoles.ok) return nodeRoles
  const { seq: _seq, ...status } = head.value
  return answer({ ...status, nodeRoles: nodeRoles.value })
}
