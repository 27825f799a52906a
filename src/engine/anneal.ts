// One stretch of work with the journal's lock held: a session for one request, through a cycle, to rest.
import type { JournalWriter } from '../journal/journal.ts'
import type { AnnealRequest } from '../model/operations.ts'
import { type Asking, asking } from './asking.ts'
import { type Controlling, controlling } from './controlling.ts'
import type { Remembered } from './memory.ts'
import type { Proposing } from './proposing.ts'
import { openSession, type Session } from './session.ts'
import type { SiteParts } from './site-parts.ts'

export interface AnnealParts extends SiteParts {
  journal: JournalWriter
  remembered: Remembered
  request: AnnealRequest
}

export interface Annealing
  extends Omit<Asking, 'end'>,
    Pick<Controlling, 'obey'>,
    Pick<Proposing, 'propose' | 'rollback'>,
    Pick<Session, 'world' | 'engine' | 'close'> {}

export function anneal(parts: AnnealParts): Annealing {
  const { by, signal, stay } = parts.request
  const session = openSession({ ...parts, by, signal, stays: stay, serves: false })
  const asked = asking(session, parts.request)
  const { obey } = controlling(session, { by, run: asked.run })
  return { ...session, ...session.proposals, ...asked, obey }
}
