// Proposing: what goes onto the timeline, with the content that it names kept before it is there.
import { isHead, targetOf } from '../annealer/decide.ts'
import { diffTarget } from '../annealer/diff.ts'
import { viewRevision } from '../annealer/timeline.ts'
import type { RevisionRecord, World } from '../annealer/world.ts'
import { assert } from '../base/assert.ts'
import type { JournalWriter } from '../journal/journal.ts'
import type { Event } from '../model/event.ts'
import type { Proposal, ProposeRequest, SiteNow } from '../model/operations.ts'
import { type Answer, answer } from '../model/refusal.ts'
import type { RevisionCause } from '../model/revision-cause.ts'
import type { Site } from '../model/site.ts'
import type { Engine } from './engine.ts'

export interface Proposing {
  /** Undefined where the site says what is committed. */
  propose(request: ProposeRequest): Promise<Answer<Proposal | undefined>>
  rollback(revision: number, by: string, message: string): Promise<Answer<Proposal>>
  /** The number of the new revision; `cause` where Anneal proposes it by itself. */
  put: (request: ProposeRequest, cause?: RevisionCause) => Promise<Answer<number>>
}

export interface ProposingParts {
  world: World
  engine: Engine
  journal: JournalWriter
  /** What the files said of which a revision was made. */
  keep: (revision: number, now: SiteNow) => void
}

export function proposing({ world, engine, journal, keep }: ProposingParts): Proposing {
  return { propose, rollback, put }

  async function propose(wanted: ProposeRequest): Promise<Answer<Proposal | undefined>> {
    const target = targetOf(world, wanted.site)
    if (!target.ok) return target
    if (isHead(world, target.value)) return answer(undefined)
    const proposed = await put(wanted)
    return proposed.ok ? answer(proposal(proposed.value)) : proposed
  }

  async function rollback(revision: number, author: string, message: string): Promise<Answer<Proposal>> {
    const proposed = revisionIn(await engine.ask({ kind: 'rollbackRevision', revision, author, message }))
    return proposed.ok ? answer(proposal(proposed.value)) : proposed
  }

  async function put(
    { site, content, by: author, message }: ProposeRequest,
    cause?: RevisionCause,
  ): Promise<Answer<number>> {
    await journal.putBlobs(contentOf(site, content))
    const proposal = { kind: 'proposeRevision', site, author, message } as const
    const put = revisionIn(await engine.ask(cause ? { ...proposal, cause } : proposal))
    if (put.ok) keep(put.value, { site, content })
    return put
  }

  function proposal(revision: number): Proposal {
    const record = revisionCalled(revision)
    return { revision: viewRevision(world, record), diff: diffTarget(world, record.target, revision) }
  }

  function revisionCalled(revision: number): RevisionRecord {
    const record = world.revisions.get(revision)
    assert(record, `revision ${revision} was just written`)
    return record
  }
}

function revisionIn(answered: Answer<Event[]>): Answer<number> {
  if (!answered.ok) return answered
  const [event] = answered.value
  assert(event?.kind === 'revisionProposed', 'a proposal is answered with its event')
  return answer(event.revision)
}

function contentOf(
  { roles }: Pick<Site, 'roles'>,
  content: ReadonlyMap<string, Uint8Array>,
): Map<string, Uint8Array> {
  const wanted = new Map<string, Uint8Array>()
  for (const role of Object.values(roles)) {
    const refs = [
      role.apply,
      role.check,
      role.remove,
      ...Object.values(role.files).map((file) => file.content),
    ]
    for (const ref of refs) {
      const bytes = ref && content.get(ref.digest)
      if (bytes) wanted.set(ref.digest, bytes)
    }
  }
  return wanted
}
