// Proposing over HTTP: what goes onto the timeline, with the content that the server lacks sent first.
import type { ContentStore, Operations, Proposal } from '../model/operations.ts'
import { type Answer, answer } from '../model/refusal.ts'
import type { Site } from '../model/site.ts'
import type { RevisionDetails } from '../model/view.ts'
import { type Connection, jsonInit, request } from './request.ts'

const API = '/api/v1'

export function proposing(
  connection: Connection,
): Pick<Operations, 'diff' | 'propose' | 'rollback' | 'discard'> {
  return {
    diff: (site) => request(connection, `${API}/diff`, jsonInit('POST', { site })),
    async propose({ site, content, message }) {
      const sent = await sendContent(connection, site, content)
      if (!sent.ok) return sent
      const init = jsonInit('POST', { site, message })
      const proposed = await request<Proposal | null>(connection, `${API}/revisions`, init)
      return proposed.ok ? answer(proposed.value ?? undefined) : proposed
    },
    rollback: (revision, _by, message) =>
      request(connection, `${API}/revisions/${revision}/rollback`, jsonInit('POST', { message })),
    async discard(revision) {
      const path = `${API}/revisions/${revision}`
      const discarded = await request<unknown>(connection, `${path}/discard`, jsonInit('POST', {}))
      return discarded.ok ? request<RevisionDetails>(connection, path) : discarded
    },
  }
}

/** Only what the server has not; so much at once as it takes. */
export async function sendContent(
  connection: Connection,
  site: Site,
  content: ContentStore,
): Promise<Answer<void>> {
  const digests = [...new Set(digestsIn(site))]
  const init = jsonInit('POST', { digests })
  const missing = await request<{ missing: string[] }>(connection, `${API}/content/missing`, init)
  if (!missing.ok) return missing
  for (const digest of missing.value.missing) {
    const bytes = content.get(digest)
    if (!bytes) continue
    const sent = await request(connection, `${API}/content/${digest}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream' },
      body: Uint8Array.from(bytes),
    })
    if (!sent.ok) return sent
  }
  return answer(undefined)
}

function digestsIn({ roles }: Site): string[] {
  return Object.values(roles).flatMap(({ apply, check, remove, files }) => {
    const refs = [apply, check, remove, ...Object.values(files).map((file) => file.content)]
    return refs.flatMap((ref) => ref?.digest ?? [])
  })
}
