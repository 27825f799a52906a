// What a PostgreSQL journal tells an operator who cannot have it: damage, a newer version, a database that does not answer.
import type { Refusal } from '../model/refusal.ts'
import { CodecError } from './codec.ts'
import { JournalFault } from './journal.ts'
import { damagedMessage, faultMessage, newerMessage } from './messages.ts'
import { isDamage, textOf } from './postgres-errors.ts'
import type { PostgresPlace } from './postgres-place.ts'

/** What a reader found that should not be, once the journal had been opened. */
export class Damage extends Error {
  readonly soundUpTo: number | undefined

  constructor(what: string, soundUpTo?: number) {
    super(what)
    this.soundUpTo = soundUpTo
  }
}

export function damagedAt({ shown }: PostgresPlace, what: string, soundUpTo?: number): Refusal {
  return { code: 'damagedJournal', message: damagedMessage(shown, what, soundUpTo, 'schema') }
}

export function faultAt({ shown }: PostgresPlace, doing: string, error: unknown): Refusal {
  return { code: 'journalFault', message: faultMessage(shown, doing, textOf(error)) }
}

export function refusalOf(error: unknown, place: PostgresPlace, tool: string, doing = 'read'): Refusal {
  if (error instanceof JournalFault) return error.refusal
  if (error instanceof CodecError && error.newer)
    return { code: 'newerJournal', message: newerMessage(place.shown, error.message, undefined, tool) }
  if (error instanceof Damage) return damagedAt(place, error.message, error.soundUpTo)
  if (error instanceof CodecError || isDamage(error)) return damagedAt(place, textOf(error))
  return faultAt(place, doing, error)
}
