// `anneal audit`: who did what, why, how they came in and what came of it, oldest first.
import type { Operations } from '../../model/operations.ts'
import type { AuditEntry, AuditFilter } from '../../model/audit.ts'
import { type Answer, answer } from '../../model/refusal.ts'
import { auditTable } from '../audit-text.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

export type AuditFlags = SiteFlags & {
  /** So long ago. */
  since?: number
  by?: string
  limit: number
}

export default async function audit(door: Door, flags: AuditFlags): Promise<ExitCode> {
  return door.reading(flags, async (operations) => {
    const { since, by } = flags
    const found = await lastOf(operations, flags.limit, {
      ...(since === undefined ? {} : { since: door.world.now() - since }),
      ...(by === undefined ? {} : { by }),
    })
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const { entries, left } = found.value
    if (flags.json) {
      const lines = door.json('audit', { count: entries.length, left })
      for (const entry of entries) lines.line('entry', entry)
    } else if (entries.length === 0) door.talk([['nobody did anything']])
    else {
      door.print(auditTable(entries, door.width()))
      if (left > 0) door.talk([[`${left} earlier ones are not shown; -n shows more`]])
    }
    return EXIT.ok
  })
}

/** All is read, page by page; the last of it is kept. */
async function lastOf(
  { access }: Operations,
  most: number,
  filter: AuditFilter,
): Promise<Answer<{ entries: AuditEntry[]; left: number }>> {
  let entries: AuditEntry[] = []
  let left = 0
  for (let after = 0; ; ) {
    const page = await access.audit({ ...filter, after, limit: PAGE })
    if (!page.ok) return page
    entries.push(...page.value.entries)
    left += Math.max(0, entries.length - most)
    entries = most === 0 ? [] : entries.slice(-most)
    if (page.value.next === undefined) return answer({ entries, left })
    after = page.value.next
  }
}

const PAGE = 1_000
