// An agreement: what a person said yes to, by its digest, held against what would be done now.
import { type Digest, digestOf } from '../base/digest.ts'
import type { Json } from '../base/json.ts'

export interface Agreement {
  confirm: (shown: object) => Promise<boolean>
  /** It would be something else by now. */
  isBroken(): boolean
}

/** Without a digest everything is agreed to. */
export function agreement(confirmed: Digest | undefined): Agreement {
  let broken = false
  return {
    async confirm(shown) {
      broken = confirmed !== undefined && digestOf(jsonOf(shown)) !== confirmed
      return !broken
    },
    isBroken: () => broken,
  }
}

export const NOT_AS_CONFIRMED = {
  code: 'notAsConfirmed',
  message: 'it would do something else by now than what was agreed to',
} as const

/** As it goes over the wire. */
export function jsonOf(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
