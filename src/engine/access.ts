// Access operations: tokens and the trail of who did what, asked of an engine that writes and a journal that is read.
import { viewToken, viewTokens } from '../annealer/tokens.ts'
import type { World } from '../annealer/world.ts'
import { assert } from '../base/assert.ts'
import type { AccessOperations, AuditPage, TokenView } from '../model/access.ts'
import { type AuditFilter, auditEntryOf, fits } from '../model/audit.ts'
import type { Command } from '../model/command.ts'
import type { Event, Recorded } from '../model/event.ts'
import { type Answer, answer } from '../model/refusal.ts'

export interface AccessParts {
  /** Takes the writer's lock where nobody here has it. */
  ask(by: string, command: Command): Promise<Answer<Event[]>>
  read<T>(question: (world: World) => Answer<T>): Promise<Answer<T>>
  /** Opens a journal that is not open here; the refusal where there is none. */
  events(after: number): Promise<Answer<AsyncIterable<Recorded[]>>>
  now(): number
}

export function accessOperations(parts: AccessParts): AccessOperations {
  return {
    tokens: () => parts.read((world) => answer(viewTokens(world, parts.now()))),
    async issueToken(request) {
      const issued = await parts.ask(request.by, { kind: 'issueToken', ...request })
      return issued.ok ? view(request.token) : issued
    },
    async revokeToken(token, by, why) {
      const revoked = await parts.ask(by, {
        kind: 'revokeToken',
        token,
        by,
        ...(why === undefined ? {} : { why }),
      })
      return revoked.ok ? view(token) : revoked
    },
    async useToken(token) {
      const used = await parts.ask(`token:${token}`, { kind: 'useToken', token })
      return used.ok ? answer(undefined) : used
    },
    async audit(filter) {
      const found = await parts.events(filter.after ?? 0)
      return found.ok ? answer(await pageOf(found.value, filter)) : found
    },
    async note(note) {
      const noted = await parts.ask(note.by ?? 'nobody', { kind: 'auditRequest', ...note })
      return noted.ok ? answer(undefined) : noted
    },
  }

  function view(token: string): Promise<Answer<TokenView>> {
    return parts.read((world) => {
      const record = world.tokens.get(token)
      assert(record, `the token ${token} was just written`)
      return answer(viewToken(record, parts.now()))
    })
  }
}

const ENTRIES_MOST = 1_000

async function pageOf(batches: AsyncIterable<Recorded[]>, filter: AuditFilter): Promise<AuditPage> {
  const most = Math.min(filter.limit ?? ENTRIES_MOST, ENTRIES_MOST)
  const page: AuditPage = { entries: [], head: filter.after ?? 0 }
  for await (const batch of batches) {
    for (const recorded of batch) {
      const entry = auditEntryOf(recorded)
      if (entry && fits(entry, filter)) {
        if (page.entries.length === most) return { ...page, next: page.head }
        page.entries.push(entry)
      }
      page.head = recorded.seq
    }
  }
  return page
}
