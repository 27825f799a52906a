// Repeatable: a role says the same when it runs with the same inputs. One that did not is named, for as long as it is that role.
import type { Json, JsonObject } from '../base/json.ts'
import type { Reason } from '../model/reason.ts'
import { shortText, valueOf } from './value.ts'
import type { NodeRole, Success, World } from './world.ts'

/**
 * Call it after a success has taken the place of the one before. A later run that says the same does not undo what
 * happened: it is counted, so that a reader sees since when. A role that has changed begins anew.
 */
export function compareRuns(
  world: World,
  nodeRole: NodeRole,
  before: Success | undefined,
  success: Success,
): void {
  const { group } = nodeRole
  if (nodeRole.unlike?.roleDigest !== success.roleDigest) nodeRole.unlike = undefined
  if (before?.digest !== success.digest) return
  const output = group.lateOutputs.find(
    (name) => !group.role.outputs[name]?.measured && !saysSame(before.outputs, success.outputs, name),
  )
  if (output === undefined) {
    if (nodeRole.unlike) nodeRole.unlike = { ...nodeRole.unlike, alike: nodeRole.unlike.alike + 1 }
    return
  }
  const sensitive = group.role.outputs[output]?.sensitive
  const values = [before, success].map(({ outputs }) =>
    sensitive ? '(sensitive)' : shortText(Object.hasOwn(outputs, output) ? outputs[output] : undefined),
  )
  nodeRole.unlike = {
    roleDigest: success.roleDigest,
    output,
    runs: [before.run, success.run],
    values,
    at: world.now,
    alike: 0,
  }
}

export function unlikeReason({ unlike, group }: NodeRole): Reason | undefined {
  if (!unlike || unlike.roleDigest !== group.role.digest) return undefined
  const { roleDigest: _, ...told } = unlike
  return { kind: 'notRepeatable', ...told }
}

/** Absent and null are two answers. */
export function saysSame(before: JsonObject, after: JsonObject, output: string): boolean {
  if (!Object.hasOwn(before, output) || !Object.hasOwn(after, output))
    return Object.hasOwn(before, output) === Object.hasOwn(after, output)
  return valueOf(before[output] as Json).digest === valueOf(after[output] as Json).digest
}
