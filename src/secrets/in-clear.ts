// What of history stands in clear: secrets that were written before they were sealed, which no later version rewrites.
import type { JournalReader } from '../journal/journal.ts'
import type { Event } from '../model/event.ts'
import { nodeRoleName } from '../model/names.ts'
import type { Role } from '../model/role.ts'
import type { SecretsStatus } from '../model/secrets.ts'
import { isSealed } from './sealed-events.ts'
import { isSealedState } from './sealed-snapshot.ts'
import { sensitivePlaces } from './sensitive-places.ts'

/** Of a journal as it is without a seal. */
export async function clearIn(journal: JournalReader): Promise<SecretsStatus['clear']> {
  const clear = { values: 0, lastEvent: 0 }
  const past = new Past()
  for await (const batch of journal.events(0)) {
    for (const { seq, event } of batch) {
      const values = isSealed(event) ? 0 : past.countIn(event)
      past.take(event)
      if (values === 0) continue
      clear.values += values
      clear.lastEvent = seq
    }
  }
  const snapshot = await journal.snapshot()
  // The state of a world that knows secrets holds them in many places; it goes with the next two snapshots.
  if (clear.values > 0 && snapshot && !isSealedState(snapshot.state)) clear.values++
  return clear
}

/** Events of before they were sealed do not say which of their values are secrets: the roles of that time do. */
class Past {
  readonly #proposed = new Map<number, Record<string, Role>>()
  #roles: Record<string, Role> = {}

  take(event: Event): void {
    if (event.kind === 'revisionProposed') this.#proposed.set(event.revision, event.target.roles)
    if (event.kind === 'revisionCommitted') this.#roles = this.#proposed.get(event.revision) ?? this.#roles
  }

  countIn(event: Event): number {
    if (event.kind !== 'runStarted' && event.kind !== 'runFinished') return sensitivePlaces(event).length
    if (event.sensitive) return sensitivePlaces(event).length
    const role = this.#roles[nodeRoleName(event.nodeRole).role]
    if (event.kind === 'runStarted')
      return Object.keys(event.inputs).filter((name) => role?.inputs[name]?.sensitive).length
    if (event.outcome.result !== 'ok') return 0
    return Object.keys(event.outcome.outputs).filter((name) => role?.outputs[name]?.sensitive).length
  }
}
