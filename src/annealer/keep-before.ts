// What an event is about to change, told to a snapshot that is being taken.
import type { Event } from '../model/event.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { RunId } from '../model/run.ts'
import { vainlyLookedAt } from './gate.ts'
import type { Taking } from './taking.ts'
import type { NodeRole, World } from './world.ts'

/**
 * Call it before the event is written. What is not named here is copied when the taking begins, or never told; a binding that
 * changes is told when it does (`ripple`, `settleEarly`), and what a commit places anew by `placing.ts`.
 */
export function keepBefore(world: World, taking: Taking, event: Event): void {
  const { nodes, nodeRoles, runs } = world
  const node = (name: string): void => {
    const known = nodes.get(name)
    if (known) taking.keepNode(known)
  }
  const nodeRole = (id: NodeRoleId): void => {
    const known = nodeRoles.get(id)
    if (known) keepWithNode(taking, known)
  }
  const run = (id: RunId): void => {
    const record = runs.get(id)
    if (!record) return
    taking.keepRun(record)
    nodeRole(record.nodeRole)
  }
  const rollout = (group: string): void => {
    const known = world.rollouts.get(group)
    if (known) taking.keepRollout(known)
  }
  switch (event.kind) {
    case 'sessionStarted':
      for (const each of nodes.values()) taking.keepNode(each)
      for (const each of vainlyLookedAt(world)) taking.keepNodeRole(each)
      return
    case 'checkAsked':
      if (!event.nodeRoles) for (const each of nodes.values()) taking.keepNode(each)
      event.nodeRoles?.forEach(nodeRole)
      return
    case 'factsChanged':
    case 'nodeReached':
    case 'nodeLost':
    case 'connectionLost':
    case 'availabilityChanged':
    case 'checkStarted':
      return node(event.node)
    case 'checkFinished':
    case 'checkLost':
      node(event.node)
      return Object.keys(nodes.get(event.node)?.check?.of ?? {}).forEach(nodeRole)
    case 'runStarted':
    case 'nodeRoleRinsed':
      return nodeRole(event.nodeRole)
    case 'runFinished':
    case 'runLost': {
      run(event.run)
      const of = nodeRoles.get(runs.get(event.run)?.nodeRole ?? '')
      return of && rollout(of.group.id)
    }
    case 'runCancelAsked':
      return run(event.run)
    case 'rerunAsked': {
      const { flight } = nodeRoles.get(event.nodeRole) ?? {}
      nodeRole(event.nodeRole)
      return flight && taking.keepRun(flight)
    }
    case 'rinseAsked':
      return event.nodeRoles.forEach(nodeRole)
    case 'rinseCancelled':
      return world.rinses.get(event.rinse)?.toRemove.forEach((one) => keepWithNode(taking, one))
    case 'rolloutPlanned':
    case 'stepOpened':
    case 'stepApproved':
      return rollout(event.group)
    case 'execFinished': {
      const exec = world.execs.get(event.exec)
      return exec && taking.keepExec(exec)
    }
    default:
      return
  }
}

function keepWithNode(taking: Taking, nodeRole: NodeRole): void {
  taking.keepNodeRole(nodeRole)
  if (nodeRole.node) taking.keepNode(nodeRole.node)
}
