// Events as doors show them: with what is sensitive taken out, and without what is too large to be sent to each who listens.
import type { Json, JsonObject } from '../base/json.ts'
import type { Event, PublicEvent } from '../model/event.ts'
import { nodeRoleName } from '../model/names.ts'
import { SECRET } from '../model/without-secrets.ts'
import type { SecretNames } from './secret-names.ts'

/** `names`: of all revisions up to the event, or more. */
export function publicEvent(names: SecretNames, event: Event): PublicEvent {
  switch (event.kind) {
    case 'revisionProposed': {
      const { target: _target, ...rest } = event
      return rest
    }
    case 'tokenIssued':
    case 'runnerInvited': {
      const { hash: _hash, ...rest } = event
      return rest
    }
    case 'runStarted': {
      const { role } = nodeRoleName(event.nodeRole)
      return { ...event, inputs: without(event.inputs, (input) => names.isSecretInput(role, input)) }
    }
    case 'runFinished': {
      const { outcome } = event
      if (outcome.result !== 'ok') return event
      const { role } = nodeRoleName(event.nodeRole)
      const outputs = without(outcome.outputs, (output) => names.isSecretOutput(role, output))
      return { ...event, outcome: { ...outcome, outputs } }
    }
    default:
      return event
  }
}

function without(values: Readonly<Record<string, Json>>, isSecret: (name: string) => boolean): JsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, Json] => [name, isSecret(name) ? SECRET : value]),
  )
}
