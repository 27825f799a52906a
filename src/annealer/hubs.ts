// Hubs: what all members of a group say of one output, together, so that who reads them all reads one value.
import { canonical } from '../base/canonical.ts'
import { type Json, objectFrom } from '../base/json.ts'
import type { NodeRoleId } from '../model/names.ts'
import type { Wait } from '../model/role.ts'
import type { Group, Hub, HubEntry } from './graph.ts'
import { type Value, valueOf, valueOfText } from './value.ts'
import type { RunId } from '../model/run.ts'
import type { NodeRole, Success } from './world.ts'

/** What a node-role says of one of its outputs now, and since which run; `early` before any. */
export function knownOutput(nodeRole: NodeRole, output: string): { value: Value; run: string } | undefined {
  const value = saidOf(nodeRole, output)
  return value && { value, run: tellerOf(nodeRole, output) ?? '' }
}

export function saidOf(nodeRole: NodeRole, output: string): Value | undefined {
  const early = nodeRole.early.get(output)
  if (early) return early
  const success = successWith(nodeRole, output)
  return success && valueOf(success.outputs[output] as Json)
}

/** The run that gave the value of an output which is known now. Told without the value, which would be made anew for it. */
export function tellerOf(nodeRole: NodeRole, output: string): string | undefined {
  if (nodeRole.early.has(output)) return 'early'
  const success = successWith(nodeRole, output)
  return success && runThatSaid(success, output)
}

function successWith({ success, group }: NodeRole, output: string): Success | undefined {
  if (!success || !group.lateOutputs.includes(output) || !Object.hasOwn(success.outputs, output))
    return undefined
  return success
}

/** The run that first gave the value which an output has. */
export function runThatSaid({ saidBy, run }: Success, output: string): RunId {
  return saidBy && Object.hasOwn(saidBy, output) ? (saidBy[output] as RunId) : run
}

export function hubOf(group: Group, output: string): Hub {
  const kept = group.hubs.get(output)
  if (kept) return kept
  const hub: Hub = { said: new Map(), entries: new Map(), map: undefined, all: undefined, missing: undefined }
  for (const member of group.members.values()) {
    const told = saidOf(member, output)
    if (told) hub.said.set(member, told)
  }
  group.hubs.set(output, hub)
  return hub
}

/** A member has spoken anew: how many were known before and are now. */
export function hear(member: NodeRole, output: string): { before: number; after: number } {
  const hub = hubOf(member.group, output)
  const before = hub.said.size
  const told = saidOf(member, output)
  if (told) hub.said.set(member, told)
  else hub.said.delete(member)
  if (hub.entries.size > 0) hub.entries.delete(member)
  hub.map = undefined
  hub.all = undefined
  hub.missing = undefined
  return { before, after: hub.said.size }
}

export function neededOf(wait: Wait, members: number): number {
  return wait === 'all' ? members : wait === 'known' ? 0 : wait
}

export function mapOf(group: Group, output: string): Value {
  const hub = hubOf(group, output)
  if (hub.map) return hub.map
  const entries = entriesOf(group, hub)
  const json = objectFrom(entries.map(({ member, json: told }) => [member.nodeName, told]))
  // Members are in the order of their names, which is that of canonical keys.
  hub.map = valueOfText(json, `{${entries.map(({ key, text }) => `${key}:${text}`).join(',')}}`)
  return hub.map
}

export function listOf(group: Group, output: string): Value {
  const hub = hubOf(group, output)
  if (hub.all) return hub.all
  const entries = entriesOf(group, hub)
  hub.all = valueOfText(
    entries.map(({ json }) => json),
    `[${entries.map(({ text }) => text).join(',')}]`,
  )
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

/** Of each member that has spoken; only those that spoke anew since the last time are read again. */
function entriesOf(group: Group, hub: Hub): HubEntry[] {
  const entries: HubEntry[] = []
  for (const member of inOrder(group)) {
    const value = hub.said.get(member)
    if (!value) continue
    const entry = hub.entries.get(member) ?? readEntry(member, value)
    hub.entries.set(member, entry)
    entries.push(entry)
  }
  return entries
}

function readEntry(member: NodeRole, { json }: Value): HubEntry {
  return { member, json, key: canonical(member.nodeName), text: canonical(json) }
}

function inOrder(group: Group): readonly NodeRole[] {
  return group.members.list
}
