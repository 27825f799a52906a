// Hubs: what all members of a group say of one output, together, so that who reads them all reads one value.
import { type Json, objectFrom } from '../base/json.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { Wait } from '../model/role.ts'
import type { Group, Hub } from './graph.ts'
import { type Value, valueOf } from './value.ts'
import type { NodeRole } from './world.ts'

/** What a node-role says of one of its outputs now. */
export function knownOutput(nodeRole: NodeRole, output: string): { value: Value; run: string } | undefined {
  const early = nodeRole.early.get(output)
  if (early) return { value: early, run: 'early' }
  const { success, group } = nodeRole
  if (!success || !group.lateOutputs.includes(output) || !Object.hasOwn(success.outputs, output))
    return undefined
  return { value: valueOf(success.outputs[output] as Json), run: success.saidBy[output] ?? success.run }
}

export function hubOf(group: Group, output: string): Hub {
  const kept = group.hubs.get(output)
  if (kept) return kept
  const hub: Hub = { said: new Set() }
  for (const member of group.members.values()) if (knownOutput(member, output)) hub.said.add(member)
  group.hubs.set(output, hub)
  return hub
}

/** A member has spoken anew: how many were known before and are now. */
export function hear(member: NodeRole, output: string): { before: number; after: number } {
  const hub = hubOf(member.group, output)
  const before = hub.said.size
  if (knownOutput(member, output)) hub.said.add(member)
  else hub.said.delete(member)
  delete hub.map
  delete hub.all
  delete hub.missing
  return { before, after: hub.said.size }
}

export function neededOf(wait: Wait, members: number): number {
  return wait === 'all' ? members : wait === 'known' ? 0 : wait
}

export function mapOf(group: Group, output: string): Value {
  const hub = hubOf(group, output)
  hub.map ??= valueOf(objectFrom(toldBy(group, output)))
  return hub.map
}

export function listOf(group: Group, output: string): Value {
  const hub = hubOf(group, output)
  hub.all ??= valueOf(toldBy(group, output).map(([, json]) => json))
  return hub.all
}

const MISSING_NAMED = 5

/** Members whose output is not known: the first few, and how many in all. */
export function missingOf(group: Group, output: string): { first: NodeRoleId[]; count: number } {
  const hub = hubOf(group, output)
  if (hub.missing) return hub.missing
  const count = group.members.size - hub.said.size
  const first: NodeRoleId[] = []
  for (const member of inOrder(group)) {
    if (first.length === Math.min(count, MISSING_NAMED)) break
    if (!hub.said.has(member)) first.push(member.id)
  }
  hub.missing = { first, count }
  return hub.missing
}

function toldBy(group: Group, output: string): [string, Json][] {
  return inOrder(group).flatMap((member): [string, Json][] => {
    const told = knownOutput(member, output)
    return told ? [[member.nodeName, told.value.json]] : []
  })
}

function inOrder(group: Group): NodeRole[] {
  return group.memberNames.flatMap((name) => group.members.get(name) ?? [])
}
