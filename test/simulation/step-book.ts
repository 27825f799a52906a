// The book of steps: who was let through with a change, by the events alone, and that nobody else meets it while it is
// not known to be well with those who have it.
import type { Event } from '../../src/model/event.ts'
import { type NodeRoleId, nodeRoleId, nodeRoleName } from '../../src/model/names.ts'
import type { RolloutSpec, Target } from '../../src/model/site.ts'

interface Variant {
  nodes: Set<string>
  passes: Set<string>
  /** Somebody has said to go on, whatever became of it. */
  approved: boolean
}

export class StepBook {
  readonly #rollouts = new Map<string, { id: string; variants: Map<string, Variant> }>()
  #specs = new Map<string, RolloutSpec>()
  /** The digest of the last success, as long as that stands. */
  readonly #succeeded = new Map<NodeRoleId, string>()
  /** Since they were let through. */
  readonly #ended = new Map<NodeRoleId, 'running' | 'ok' | 'failed'>()
  /** What people asked for by name takes no steps. */
  readonly #asked = new Set<NodeRoleId>()

  hear(event: Event, target: Target | undefined): string | undefined {
    switch (event.kind) {
      case 'revisionCommitted':
        this.#specs = specsOf(target)
        // What failed with the change before says nothing of another.
        this.#ended.clear()
        return undefined
      case 'rolloutPlanned':
        this.#plan(event)
        return undefined
      case 'stepOpened':
        return this.#open(event)
      case 'stepApproved': {
        const variant = this.#rollouts.get(event.group)?.variants.get(event.variant)
        if (variant) variant.approved = true
        return undefined
      }
      case 'rolloutEnded':
        this.#rollouts.delete(event.group)
        return undefined
      case 'rerunAsked':
        this.#asked.add(event.nodeRole)
        return undefined
      case 'rinseAsked':
        for (const nodeRole of event.nodeRoles) this.#asked.add(nodeRole)
        return undefined
      case 'runStarted':
        return this.#start(event)
      case 'runFinished':
        this.#end(event.nodeRole, event.outcome.result === 'ok')
        return undefined
      case 'runLost':
        this.#end(event.nodeRole, false)
        return undefined
      case 'nodeRoleRemoved':
      case 'nodeRoleRinsed':
        this.#succeeded.delete(event.nodeRole)
        this.#ended.delete(event.nodeRole)
        return undefined
      default:
        return undefined
    }
  }

  readonly #flying = new Map<NodeRoleId, { action: string; digest: string }>()

  #plan({ rollout: id, group, variants }: Extract<Event, { kind: 'rolloutPlanned' }>): void {
    const known = this.#rollouts.get(group)
    const rollout = known?.id === id ? known : { id, variants: new Map<string, Variant>() }
    this.#rollouts.set(group, rollout)
    for (const { variant: name, nodes } of variants) {
      const variant = rollout.variants.get(name) ?? { nodes: new Set(), passes: new Set(), approved: false }
      rollout.variants.set(name, variant)
      for (const node of nodes) variant.nodes.add(node)
    }
  }

  #open({ group, variant: name, nodes }: Extract<Event, { kind: 'stepOpened' }>): string | undefined {
    const variant = this.#rollouts.get(group)?.variants.get(name)
    const spec = this.#specs.get(group)
    if (!variant || !spec) return `a step of ${group} opens, which takes none`
    const wrong = this.#whyShut(group, variant, spec, nodes)
    for (const node of nodes) {
      variant.passes.add(node)
      this.#ended.delete(memberOf(group, node))
    }
    variant.approved = false
    return wrong
  }

  #whyShut(
    group: string,
    { nodes: all, passes, approved }: Variant,
    { probe, tolerate = '0' }: RolloutSpec,
    nodes: readonly string[],
  ): string | undefined {
    if (passes.size === 0 && nodes.length > probe)
      return `${nodes.join(', ')} of ${group} go first, and ${probe} may`
    const ends = [...passes].map((node) => [memberOf(group, node), this.#ended.get(memberOf(group, node))])
    const running = ends.find(([, end]) => end === 'running')
    if (running) return `a step of ${group} opens while ${running[0]} is under way`
    const failed = ends.filter(([, end]) => end === 'failed').map(([id]) => id)
    if (approved || failed.length <= countOf(tolerate, all.size)) return undefined
    return `a step of ${group} opens though ${failed.join(', ')} failed`
  }

  #start(event: Extract<Event, { kind: 'runStarted' }>): string | undefined {
    const { nodeRole, action, digest } = event
    this.#flying.set(nodeRole, { action, digest })
    if (action === 'remove') return undefined
    const variant = this.#variantOf(nodeRole)
    const { node } = nodeRoleName(nodeRole)
    if (variant?.passes.has(node)) this.#ended.set(nodeRole, 'running')
    const before = this.#succeeded.get(nodeRole)
    if (!variant || before === undefined || before === digest || this.#asked.has(nodeRole)) return undefined
    return variant.passes.has(node) ? undefined : `${nodeRole} meets a change before its step`
  }

  #end(nodeRole: NodeRoleId, ok: boolean): void {
    const run = this.#flying.get(nodeRole)
    if (!run || run.action === 'remove') return
    if (this.#ended.has(nodeRole)) this.#ended.set(nodeRole, ok ? 'ok' : 'failed')
    if (!ok) return
    this.#succeeded.set(nodeRole, run.digest)
    this.#asked.delete(nodeRole)
  }

  #variantOf(nodeRole: NodeRoleId): Variant | undefined {
    const { deployment, node, role } = nodeRoleName(nodeRole)
    const rollout = this.#rollouts.get(`${deployment}/${role}`)
    return [...(rollout?.variants.values() ?? [])].find(({ nodes }) => nodes.has(node))
  }
}

function specsOf(target: Target | undefined): Map<string, RolloutSpec> {
  const specs = new Map<string, RolloutSpec>()
  for (const [deployment, { placements }] of Object.entries(target?.deployments ?? {}))
    for (const { role, rollout } of placements) if (rollout) specs.set(`${deployment}/${role}`, rollout)
  return specs
}

function memberOf(group: string, node: string): NodeRoleId {
  const [deployment = '', role = ''] = group.split('/')
  return nodeRoleId({ deployment, node, role })
}

function countOf(share: string, nodes: number): number {
  return share.endsWith('%') ? Math.ceil((nodes * Number.parseInt(share)) / 100) : Number(share)
}
