// Who holds exactly this part of the site, as far as the page knows.
import { type Scope, scopeKey } from '../../../src/model/scope.ts'
import type { HoldView } from '../../../src/model/view.ts'
import { useStatus } from './use-status.tsx'

/** `known`: the server has said who holds what. */
export function useHold(scope: Scope): { hold: HoldView | undefined; known: boolean } {
  const status = useStatus()
  const key = scopeKey(scope)
  return { hold: status?.holds.find((one) => scopeKey(one.scope) === key), known: status !== undefined }
}
