// Operations on a site that another server anneals: what asks is answered from its journal, what changes is for that one.
import type { Operations } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { accessOperations } from './access.ts'
import { filesOf } from './files.ts'
import { type Ask, questionsTo } from './questions.ts'
import { rehearsing } from './rehearsing.ts'
import { eventsOf } from './site-operations.ts'
import { runnerOperations } from './runner-operations.ts'
import type { SiteParts } from './site-parts.ts'
import { statusAt } from './status-at.ts'

/** Doors hand on what changes something before it comes here. */
export function standbyOperations(ask: Ask, parts: SiteParts): Operations {
  const { clock } = parts
  const access = accessOperations({
    ask: () => elsewhere(),
    read: ask,
    events: (after) => eventsOf(parts.store, after),
    now: () => clock.now(),
  })
  return {
    ...questionsTo(ask, clock),
    statusAt: statusAt(parts),
    files: filesOf(ask, parts),
    rehearse: rehearsing(ask, clock, parts.rehearseAside),
    // Who came in is written down where something may change; here it is read only.
    access: { ...access, useToken: async () => answer(undefined), note: async () => answer(undefined) },
    runners: runnerOperations({ ask: () => elsewhere(), read: ask }),
    dryRun: elsewhere,
    propose: elsewhere,
    rollback: elsewhere,
    discard: elsewhere,
    commit: elsewhere,
    up: elsewhere,
    control: elsewhere,
    rinse: elsewhere,
    drift: elsewhere,
    exec: elsewhere,
    forget: elsewhere,
    close: async () => {},
  }
}

async function elsewhere(): Promise<Answer<never>> {
  return refuse({ code: 'notServed', message: 'this server stands by: another one of the site anneals' })
}
