// Tokens and the audit of a served site, over HTTP.
import type { AccessOperations, AuditPage, TokenView } from '../model/access.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { type Connection, jsonInit, request, searchOf } from './request.ts'

const API = '/api/v1'

export function httpAccess(connection: Connection): AccessOperations {
  return {
    async tokens() {
      const found = await request<{ items: TokenView[] }>(connection, `${API}/tokens`)
      return found.ok ? answer(found.value.items) : found
    },
    async issueToken({ by: _by, ...asked }) {
      const issued = await request<{ token: TokenView }>(connection, `${API}/tokens`, jsonInit('POST', asked))
      return issued.ok ? answer(issued.value.token) : issued
    },
    revokeToken: (token, _by, why) =>
      request(connection, `${API}/tokens/${encodeURIComponent(token)}?${searchOf({ why })}`, {
        method: 'DELETE',
      }),
    audit: ({ after, since, by, limit }) =>
      request<AuditPage>(connection, `${API}/audit?${searchOf({ after, since, by, limit })}`),
    // The server's own: it does both by itself for each request.
    useToken: ownOfServer,
    note: ownOfServer,
  }
}

function ownOfServer(): Promise<Answer<void>> {
  const message = 'the server writes down by itself who came in'
  return Promise.resolve(refuse({ code: 'notServed', message }))
}
