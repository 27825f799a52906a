// A rinse that is cancelled: what is untouched stays as it is, and what was removed, or may be half so, is applied afresh.
import { assert } from '../base/assert.ts'
import type { Command } from '../model/command.ts'
import type { Event } from '../model/event.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { byName } from './by-name.ts'
import { disturb } from './oscillation.ts'
import { endRemoval, leaveRinse } from './rinse.ts'
import { recallLastRun } from './running.ts'
import { touch } from './touch.ts'
import type { NodeRole, World } from './world.ts'

export function decideCancelRinse(
  world: World,
  { rinse: id, by, why }: Extract<Command, { kind: 'cancelRinse' }>,
): Answer<Event[]> {
  const rinse = world.rinses.get(id)
  const message = rinse
    ? `all of ${id} is removed already, and is being applied afresh`
    : `no ${id} is under way`
  if (!rinse || rinse.toRemove.size === 0) return refuse({ code: 'nothingUnderWay', message })
  return answer([{ kind: 'rinseCancelled', rinse: id, by, ...(why === undefined ? {} : { why }) }])
}

/** What is being removed at this moment is removed to its end. */
export function cancelRinse(world: World, { rinse: id }: Extract<Event, { kind: 'rinseCancelled' }>): void {
  const rinse = world.rinses.get(id)
  assert(rinse, `${id} is cancelled and not under way`)
  const left = [...rinse.toRemove].sort(byName)
  for (const nodeRole of left) {
    if (nodeRole.flight?.action === 'remove') continue
    if (wasTried(world, nodeRole)) {
      endRemoval(world, nodeRole)
      // What is left of it there is not known, and is to be removed should it go for good.
      nodeRole.touched = true
    } else {
      leaveRinse(world, nodeRole)
      recallLastRun(world, nodeRole)
    }
    touch(world, nodeRole)
  }
  disturb(
    world,
    left.map(({ group }) => group),
  )
}

/** Its removal began and did not end well. Attempts alone do not tell: a commit may have let it try anew. */
function wasTried(world: World, { lastRun, attempts, lost, cancelled }: NodeRole): boolean {
  const last = lastRun === undefined ? undefined : world.runs.get(lastRun)
  return last ? last.action === 'remove' : (attempts ?? lost ?? cancelled) !== undefined
}
