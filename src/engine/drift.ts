// Looking for drift when somebody asks: what each check told, gathered for one answer.
import { nodeRolesMeant } from '../annealer/targets.ts'
import { whyUnchecked } from '../annealer/unchecked.ts'
import type { NodeRole, World } from '../annealer/world.ts'
import type { DriftView, Finding, Unchecked } from '../model/drift.ts'
import type { Event } from '../model/event.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'

/** Node-roles that a question about drift is about; what leaves is not asked about. */
export function askedAbout(world: World, targets: readonly string[]): Answer<NodeRole[]> {
  if (world.target === undefined)
    return refuse({
      code: 'nothingThere',
      message: 'nothing is committed yet, so there is nothing to look at',
    })
  const meant = nodeRolesMeant(world, targets.length === 0 ? 'all' : targets)
  return meant.ok ? answer(meant.value.filter(({ leaving, node }) => !leaving && node !== undefined)) : meant
}

export class Findings {
  readonly #found = new Map<string, Finding>()
  readonly #lost = new Map<string, string>()
  /** What is being looked at, by check. */
  readonly #under = new Map<string, string[]>()

  take(events: readonly Event[]): void {
    for (const event of events) {
      if (event.kind === 'checkStarted') this.#under.set(event.check, event.nodeRoles)
      if (event.kind === 'checkFinished')
        for (const finding of event.findings) this.#found.set(finding.nodeRole, finding)
      if (event.kind === 'checkLost')
        for (const id of this.#under.get(event.check) ?? []) this.#lost.set(id, event.why)
    }
  }

  viewOf(world: World, nodeRole: NodeRole): DriftView {
    const { id, group } = nodeRole
    const { policy } = group.drift
    const finding = this.#found.get(id)
    if (finding) return { ...finding, policy }
    return { nodeRole: id, policy, found: 'unchecked', unchecked: this.#whyNot(world, nodeRole) }
  }

  #whyNot(world: World, nodeRole: NodeRole): Unchecked {
    const lost = this.#lost.get(nodeRole.id)
    const message = lost ?? 'it was not looked at before this ended'
    return (lost === undefined ? whyUnchecked(world, nodeRole) : undefined) ?? { kind: 'lost', message }
  }
}
