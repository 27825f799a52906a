// Messages to webhooks: which of what happened is told, under which name, and in which words; from public views only.
import { viewRevision } from '../annealer/timeline.ts'
import { whatDiffers } from '../annealer/drift.ts'
import { viewRollouts } from '../annealer/rollout-view.ts'
import { viewCycle } from '../annealer/view-cycles.ts'
import { viewRun } from '../annealer/view.ts'
import type { World } from '../annealer/world.ts'
import { digestOf } from '../base/digest.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Event } from '../model/event.ts'
import type { WebhookEvent } from '../model/observe-settings.ts'

export interface WebhookMessage {
  /** The same for the same thing, however often it is told: what a receiver may know it by. Without its prefix. */
  key: string
  type: WebhookEvent
  /** When it happened; in milliseconds since the epoch. */
  at: number
  data: JsonObject
  /** Not to be told before: until then it may have become untrue. */
  after?: number
}

/** Who proposes and commits in one go does not want everybody to be told in between. */
const PROPOSAL_RESTS_MS = 60_000

/** What one event is worth telling; the world as it is after it, or later. */
export function messageOf(world: World, at: number, event: Event): WebhookMessage[] {
  switch (event.kind) {
    case 'runFinished':
    case 'runLost': {
      const record = world.runs.get(event.run)
      if (!record || !isFailure(event, record.action)) return []
      return [{ key: `run.failed ${event.run}`, type: 'run.failed', at, data: json(viewRun(record)) }]
    }
    case 'cycleEnded': {
      const record = world.cycles.find(({ cycle }) => cycle === event.cycle)
      if (!record) return []
      const { temperatures: _, ...told } = viewCycle(world, record)
      return [{ key: `cycle.ended ${event.cycle}`, type: 'cycle.ended', at, data: json(told) }]
    }
    case 'checkFinished':
      return event.findings.flatMap(({ nodeRole: id }): WebhookMessage[] => {
        const nodeRole = world.nodeRoles.get(id)
        // Found before, and told then.
        if (!nodeRole?.drift || nodeRole.drift.since !== at) return []
        const what = whatDiffers(nodeRole.drift.differences)
        const data = { nodeRole: id, check: event.check, policy: nodeRole.group.drift.policy, what }
        return [{ key: `drift.found ${id} ${at}`, type: 'drift.found', at, data }]
      })
    case 'revisionProposed': {
      const record = world.revisions.get(event.revision)
      if (!record) return []
      const data = json(viewRevision(world, record))
      const key = `proposal.waiting ${event.revision}`
      return [{ key, type: 'proposal.waiting', at, data, after: at + PROPOSAL_RESTS_MS }]
    }
    case 'nodeLost': {
      if (event.tries > 1) return []
      const { node, fault } = event
      return [{ key: `node.lost ${node} ${at}`, type: 'node.lost', at, data: json({ node, fault }) }]
    }
    default:
      return []
  }
}

/** Steps of rollouts that wait for a person now: no event says so, the world does. */
export function stepsWaiting(world: World): WebhookMessage[] {
  return viewRollouts(world).flatMap(({ rollout, deployment, role, variants }) =>
    variants.flatMap(({ variant, hold, reached, nodes, waiting }): WebhookMessage[] => {
      if (hold?.kind !== 'approval') return []
      const key = `step.waiting ${rollout} ${digestOf(variant)} ${reached}`
      const data = json({ rollout, deployment, role, variant, reached, nodes, waiting })
      return [{ key, type: 'step.waiting', at: world.now, data }]
    }),
  )
}

/** Whether it is still so; what happened stays true. */
export function isStillSo(world: World, { type, data, key }: WebhookMessage): boolean {
  if (type === 'proposal.waiting') {
    const record = world.revisions.get(Number(data['revision']))
    return record?.status === 'proposed' && record.onto === world.head
  }
  return type !== 'step.waiting' || stepsWaiting(world).some((one) => one.key === key)
}

/** A check that says no did what it is for, and what a person ended has not failed. */
function isFailure(event: Extract<Event, { kind: 'runFinished' | 'runLost' }>, action: string): boolean {
  if (event.kind === 'runLost') return true
  const { outcome } = event
  if (outcome.result === 'failed') return action !== 'check'
  return outcome.result === 'fault' && outcome.fault.code !== 'cancelled'
}

/** As it goes over the wire: what is undefined is left out. */
function json(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as Json as JsonObject
}
