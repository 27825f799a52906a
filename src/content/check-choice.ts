// Checks a choice of so many nodes: that there is a number, and that what nodes are held against can be compared.
import type { JsonObject } from '../base/json.ts'
import { expressionFaults, SELECTION_SCOPE } from './check-expression.ts'
import { checkFactsRead } from './check-facts.ts'
import { wrongInside, wrongKey } from './findings.ts'
import type { Everything } from './everything.ts'

/** `path` of a deployment or a placement; `raw` is what stands there. */
export function checkChoice({ document, findings }: Everything, path: string[], raw: JsonObject): void {
  if (raw['count'] === undefined) {
    for (const word of ['prefer', 'spread']) {
      if (raw[word] === undefined) continue
      const message = `${word} says which nodes to choose, and there is no count of how many`
      wrongKey(findings, document, [...path, word], {
        code: 'noCount',
        message,
        advice: 'add count: 3, or so',
      })
    }
    return
  }
  const { prefer = [], spread } = raw
  const preferred = Array.isArray(prefer) ? prefer : [prefer]
  for (const [index, source] of preferred.entries()) {
    const place = [...path, 'prefer', ...(Array.isArray(prefer) ? [String(index)] : [])]
    checkFactsRead(findings, document, place, source as string)
    const faults = expressionFaults(source as string, SELECTION_SCOPE, 'double')
    if (faults.length === 0 || expressionFaults(source as string, SELECTION_SCOPE, 'bool').length === 0)
      continue
    for (const { start, end, message, ...rest } of faults) {
      const says = message.replace('a number is wanted', 'a number, or true or false, is wanted')
      wrongInside(findings, document, place, { start, end }, { ...rest, message: says })
    }
  }
  if (spread === undefined) return
  checkFactsRead(findings, document, [...path, 'spread'], spread as string)
  for (const { start, end, ...complaint } of expressionFaults(spread as string, SELECTION_SCOPE)) {
    wrongInside(findings, document, [...path, 'spread'], { start, end }, complaint)
  }
}

/** A role that stands once for its deployment stands on no node that could be chosen. */
export function checkCountable(
  { document, findings, roles }: Everything,
  path: string[],
  { role, count }: { role: string; count: number | undefined },
): void {
  if (count === undefined || roles.get(role)?.role.per !== 'deployment') return
  const message = `${role} is per: deployment and stands on no node; there is nothing to choose`
  wrongKey(findings, document, [...path, 'count'], { code: 'noNodes', message, advice: 'leave count out' })
}
