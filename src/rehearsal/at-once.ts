// At once: how many runs were in flight at one moment at most, in all and of each role, and how many of those were in service.
import { groupId } from '../annealer/graph.ts'
import type { Turn } from '../annealer/turn.ts'
import type { RunRecord, World } from '../annealer/world.ts'
import { nodeRoleName } from '../model/names.ts'

interface Count {
  now: number
  most: number
}

interface GroupCount {
  deployment: string
  role: string
  members: number
  running: Count
  /** Had succeeded before: while it runs, users may notice. */
  inService: Count
}

export class AtOnce {
  readonly all: Count = { now: 0, most: 0 }
  readonly groups = new Map<string, GroupCount>()
  /** All runs in the order in which they began. */
  readonly runs: RunRecord[] = []
  failed = 0
  readonly #disturbing = new Set<string>()

  take({ events }: Turn, world: World): void {
    for (const event of events) {
      if (event.kind === 'runStarted') this.#start(world, event.run)
      else if (event.kind === 'runFinished' || event.kind === 'runLost') {
        this.#end(event.nodeRole, event.run)
        if (world.runs.get(event.run)?.action !== 'check' && !isOk(event)) this.failed++
      }
    }
  }

  #start(world: World, run: string): void {
    const record = world.runs.get(run) as RunRecord
    this.runs.push(record)
    const group = this.#groupOf(world, record.nodeRole)
    up(this.all)
    up(group.running)
    if (record.action === 'check' || !world.nodeRoles.get(record.nodeRole)?.success) return
    this.#disturbing.add(run)
    up(group.inService)
  }

  #end(nodeRole: string, run: string): void {
    const { deployment, role } = nodeRoleName(nodeRole)
    const group = this.groups.get(groupId(deployment, role))
    this.all.now--
    if (!group) return
    group.running.now--
    if (this.#disturbing.delete(run)) group.inService.now--
  }

  #groupOf(world: World, nodeRole: string): GroupCount {
    const { deployment, role } = nodeRoleName(nodeRole)
    const id = groupId(deployment, role)
    const known = this.groups.get(id)
    if (known) return known
    const members = world.plan.groups.get(id)?.members.size ?? 0
    const none = (): Count => ({ now: 0, most: 0 })
    const group = { deployment, role, members, running: none(), inService: none() }
    this.groups.set(id, group)
    return group
  }
}

function isOk(event: Extract<Turn['events'][number], { kind: 'runFinished' | 'runLost' }>): boolean {
  return event.kind === 'runFinished' && event.outcome.result === 'ok'
}

function up(count: Count): void {
  count.now++
  count.most = Math.max(count.most, count.now)
}
