// Checks how a placement wants changes to go out: its gate, what makes variants, its steps, and its windows.
import { parseWindow } from '../base/calendar.ts'
import type { JsonObject } from '../base/json.ts'
import type { Role } from '../model/role.ts'
import type { RolloutSpec } from '../model/site.ts'
import { checkFactsRead } from './check-facts.ts'
import { expressionFaults, gateScope, type Scope, SELECTION_SCOPE } from './check-expression.ts'
import type { Everything } from './everything.ts'
import { wrongInside, wrongValue } from './findings.ts'

/** `role` undefined: it is not known, or broken, which is told elsewhere. */
export function checkRollout(
  everything: Everything,
  path: string[],
  rollout: RolloutSpec,
  role: Role | undefined,
): void {
  const { document, findings } = everything
  if (role && rollout.gate !== undefined)
    checkExpression(everything, [...path, 'gate'], rollout.gate, gateScope(role), 'bool')
  for (const [index, source] of (rollout.variants ?? []).entries()) {
    checkExpression(everything, placeOf(everything, [...path, 'variants'], index), source, SELECTION_SCOPE)
  }
  const shares = rollout.then.map((share) => (share.endsWith('%') ? Number.parseInt(share) : undefined))
  for (const [index, share] of shares.entries()) {
    const before = shares.slice(0, index).findLast((one) => one !== undefined)
    if (share === undefined || before === undefined || share > before) continue
    wrongValue(findings, document, placeOf(everything, [...path, 'then'], index), {
      code: 'order',
      message: `${share}% of the variant have it already after the step of ${before}%`,
      advice: 'shares count all that have the change by then, so each is larger than the one before',
    })
  }
}

/** Under the deployment or the placement at this path. */
export function checkWindows(everything: Everything, path: string[]): void {
  const { document, findings } = everything
  const raw = at(document.value as JsonObject, path)
  const windows = typeof raw === 'object' && raw !== null ? (raw as { windows?: unknown }).windows : undefined
  if (windows === undefined) return
  for (const [index, text] of [windows].flat().entries()) {
    if (typeof text === 'string' && parseWindow(text)) continue
    wrongValue(findings, document, placeOf(everything, [...path, 'windows'], index), {
      code: 'window',
      message: `${JSON.stringify(text)} is no window`,
      advice:
        'write DAYS HH:MM-HH:MM ZONE, e.g. Sat,Sun 22:00-04:00 Europe/Berlin; days and zone may be left out',
    })
  }
}

function checkExpression(
  { document, findings }: Everything,
  path: string[],
  source: string,
  scope: Scope,
  wanted?: string,
): void {
  for (const { start, end, ...complaint } of expressionFaults(source, scope, wanted))
    wrongInside(findings, document, path, { start, end }, complaint)
  checkFactsRead(findings, document, path, source)
}

/** Of one of many, or of the only one, which needs no list. */
function placeOf({ document }: Everything, path: string[], index: number): string[] {
  return Array.isArray(at(document.value, path)) ? [...path, String(index)] : path
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((here, key) => (here as Record<string, unknown> | undefined)?.[key], value)
}
