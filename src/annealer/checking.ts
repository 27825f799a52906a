// Checking: what is written into the world when drift is looked for on a node, from the question to the findings.
import type { Event } from '../model/event.ts'
import type { Finding } from '../model/drift.ts'
import { markForCheck, scheduleCheck } from './check-schedule.ts'
import { hasSomethingToCheck } from './drift.ts'
import { disturb } from './oscillation.ts'
import { dropNodeWhenDone } from './placing.ts'
import { noteForSteps } from './rollout.ts'
import { touch, touchNode } from './touch.ts'
import { nodeCalled, type NodeRecord, type NodeRole, type World } from './world.ts'

type Told<K extends Event['kind']> = Extract<Event, { kind: K }>

export function askCheck(world: World, { by, nodeRoles }: Told<'checkAsked'>): void {
  if (!nodeRoles) {
    for (const node of world.nodes.values()) {
      if ([...node.nodeRoles].some(hasSomethingToCheck)) ask(world, node, { by })
    }
    return
  }
  const asked = new Map<NodeRecord, string[]>()
  for (const id of nodeRoles) {
    const node = world.nodeRoles.get(id)?.node
    if (node) asked.set(node, [...(asked.get(node) ?? []), id])
  }
  for (const [node, only] of asked) ask(world, node, { by, only })
}

function ask(world: World, node: NodeRecord, asked: NonNullable<NodeRecord['checkAsked']>): void {
  const before = node.checkAsked
  // Two who ask are answered by one look.
  const only = before && before.only && asked.only ? [...new Set([...before.only, ...asked.only])] : undefined
  node.checkAsked = before ? { by: asked.by, ...(only ? { only } : {}) } : asked
  markForCheck(world, node)
}

export function startCheck(world: World, event: Told<'checkStarted'>): void {
  const node = nodeCalled(world, event.node)
  const of: Record<string, string> = {}
  for (const id of event.nodeRoles) of[id] = world.nodeRoles.get(id)?.success?.run ?? ''
  const { check, token } = event
  node.check = { check, token, since: world.now, session: world.session, of }
  node.checkAsked = undefined
  world.checksStarted++
  world.checking.add(node)
  touchNode(world, node, false)
}

export function finishCheck(world: World, { node: name, findings }: Told<'checkFinished'>): void {
  const node = nodeCalled(world, name)
  for (const finding of findings) {
    const nodeRole = stillMeant(world, node, finding.nodeRole)
    if (nodeRole) take(world, nodeRole, node.check?.check ?? '', finding)
  }
  endCheck(world, node)
}

/** When it is looked at again is not a question of what was found: what cannot be told is not asked without pause. */
export function loseCheck(world: World, { node: name }: Told<'checkLost'>): void {
  endCheck(world, nodeCalled(world, name))
}

/** A commit may have come while it went on; then what was found is of yesterday. */
function stillMeant(world: World, node: NodeRecord, id: string): NodeRole | undefined {
  const nodeRole = world.nodeRoles.get(id)
  const success = nodeRole?.success
  if (!success || success.run !== node.check?.of[id]) return undefined
  return nodeRole.leaving || success.roleDigest !== nodeRole.group.role.digest ? undefined : nodeRole
}

function take(world: World, nodeRole: NodeRole, check: string, finding: Finding): void {
  switch (finding.found) {
    case 'asAsked':
      nodeRole.drift = undefined
      nodeRole.foundWellAt = world.now
      nodeRole.repairs = 0
      break
    case 'drifted': {
      const { differences } = finding
      if (!nodeRole.drift) disturb(world, [nodeRole.group])
      nodeRole.drift = { check, since: nodeRole.drift?.since ?? world.now, differences }
      break
    }
    case 'unknown':
      break
  }
  touch(world, nodeRole)
}

function endCheck(world: World, node: NodeRecord): void {
  for (const id of Object.keys(node.check?.of ?? {})) {
    const nodeRole = world.nodeRoles.get(id)
    if (!nodeRole) continue
    nodeRole.checkedAt = world.now
    noteForSteps(world, nodeRole)
  }
  node.check = undefined
  world.checking.delete(node)
  scheduleCheck(world, node)
  markForCheck(world, node)
  touchNode(world, node, false)
  dropNodeWhenDone(world, node)
}
