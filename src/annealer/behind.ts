// Behind a reason: the one node-role that a node-role waits for, where its reason lies with another.
import type { Unbound } from '../model/binding.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { Reason, StepHold } from '../model/reason.ts'
import { oneSource } from './bind.ts'
import type { NodeRole } from './world.ts'

/** The node-role to look at next; undefined where the reason is not another one's. */
export function behind(nodeRole: NodeRole, reason: Reason): NodeRoleId | undefined {
  switch (reason.kind) {
    case 'requirement':
    case 'restsOnFailed':
      return reason.nodeRole
    case 'inputUnbound':
    case 'stale':
      return unboundBy(nodeRole, reason.input, reason.unbound)
    case 'waits':
      switch (reason.wait.kind) {
        case 'upstream':
        case 'dependants':
        case 'rival':
        case 'rinse':
          return reason.wait.nodeRole
        case 'lock':
          return reason.wait.holders[0]
        case 'failures':
          return reason.wait.failed[0] ?? reason.wait.trying[0]
        case 'step':
          return behindStep(reason.wait.hold)
        default:
          return undefined
      }
    default:
      return undefined
  }
}

function behindStep(hold: StepHold): NodeRoleId | undefined {
  if (hold.kind === 'dependant') return hold.dependant
  return 'nodeRole' in hold ? hold.nodeRole : undefined
}

function unboundBy(nodeRole: NodeRole, input: string, unbound: Unbound): NodeRoleId | undefined {
  switch (unbound.kind) {
    case 'outputUnknown':
      return unbound.nodeRole
    case 'outputsUnknown':
      return unbound.missing[0]
    case 'expressionFailed': {
      // A `select` that finds nothing waits for its source to say more: the source is what to look at.
      const plan = nodeRole.group.inputs.find((one) => one.name === input)
      const source = plan && oneSource(nodeRole, plan.sources)
      return source && !Array.isArray(source) && source.state !== 'active' ? source.id : undefined
    }
    default:
      return undefined
  }
}
