// Decide, of what people do to work that is under way: hold and release, choose what alone may start, cancel a run or a rinse.
import { unreachable } from '../base/assert.ts'
import type { Command } from '../model/command.ts'
import type { Event } from '../model/event.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import { type Scope, scopeKey, scopeName } from '../model/scope.ts'
import { decideCancelRinse } from './cancel-rinse.ts'
import { isThere, unknownTarget } from './targets.ts'
import type { World } from './world.ts'

export type ControlCommand = Extract<
  Command,
  { kind: 'hold' | 'release' | 'chooseOnly' | 'cancelRun' | 'cancelRinse' }
>

export function decideControl(world: World, command: ControlCommand): Answer<Event[]> {
  switch (command.kind) {
    case 'hold':
      if (isThere(world, command.scope)) return answer([{ ...command, kind: 'held' }])
      return refuse(unknownTarget(world, scopeName(command.scope)))
    case 'release':
      if (world.holds.has(scopeKey(command.scope))) return answer([{ ...command, kind: 'released' }])
      return refuse(notHeld(world, command.scope))
    case 'chooseOnly':
      // What is not there yet comes with the commit that follows.
      return answer([{ ...command, kind: 'onlyChosen' }])
    case 'cancelRun':
      return cancel(world, command)
    case 'cancelRinse':
      return decideCancelRinse(world, command)
    default:
      return unreachable(command)
  }
}

/** With what holds it all the same, where something wider does. */
export function notHeld({ holds }: World, scope: Scope): Refusal {
  const what = scope.kind === 'site' ? 'the site is not paused' : `nobody holds ${scopeName(scope)} itself`
  const held = [...holds.values()].map((hold) => scopeName(hold.scope))
  return {
    code: 'notHeld',
    message:
      held.length === 0
        ? what
        : `${what}; held ${held.length === 1 ? 'is' : 'are'} ${held.slice(0, 5).join(', ')}`,
  }
}

function cancel(
  world: World,
  { run, by, why }: Extract<ControlCommand, { kind: 'cancelRun' }>,
): Answer<Event[]> {
  const record = world.runs.get(run)
  if (!record) return refuse({ code: 'unknownRun', message: `there is no run ${run}` })
  if (record.result !== 'running') {
    return refuse({ code: 'notInFlight', message: `${run} is over: it ended as ${record.result}` })
  }
  if (record.cancelAsked) return answer([])
  const { nodeRole } = record
  return answer([{ kind: 'runCancelAsked', run, nodeRole, by, ...(why === undefined ? {} : { why }) }])
}
