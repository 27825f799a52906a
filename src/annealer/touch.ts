// Touching: marking what must be looked at again, along the links of the graph. Nothing is computed here.
import type { State } from '../model/reason.ts'
import { type Group, memberBeside } from './graph.ts'
import { hear, neededOf } from './hubs.ts'
import type { NodeRecord, NodeRole, World } from './world.ts'

/** To be bound anew, and then judged. */
export function touchBinding(world: World, nodeRole: NodeRole): void {
  nodeRole.stale = true
  touch(world, nodeRole)
  if (nodeRole.group.early.length > 0) touchEarly(world, nodeRole)
}

/** To bind one input anew and what reads that one, and then to be judged. */
function touchInput(world: World, nodeRole: NodeRole, index: number, tellsEarly: boolean): void {
  if (nodeRole.staleInput === undefined) nodeRole.staleInput = index
  else if (nodeRole.staleInput !== index) nodeRole.stale = true
  touch(world, nodeRole)
  if (tellsEarly) touchEarly(world, nodeRole)
}

function touchEarly(world: World, nodeRole: NodeRole): void {
  if (nodeRole.isUnsaid) return
  nodeRole.isUnsaid = true
  world.unsaid.push(nodeRole)
}

/** To be judged anew; what it read has not changed. */
export function touch(world: World, nodeRole: NodeRole): void {
  if (nodeRole.isDirty) return
  nodeRole.isDirty = true
  world.dirty.push(nodeRole)
}

export function touchNode(world: World, node: NodeRecord, binding: boolean): void {
  for (const nodeRole of node.nodeRoles) {
    if (binding) touchBinding(world, nodeRole)
    else touch(world, nodeRole)
  }
}

/** An output of a member changed: its readers bind anew. `before`: how many were known, where that was told already. */
export function touchReaders(world: World, member: NodeRole, output: string, before?: number): void {
  const { group } = member
  if (member.leaving) return
  const heard = hear(member, output)
  const known = { before: before ?? heard.before, after: heard.after }
  for (const { output: read, reader, input } of group.readers) {
    const source = input.spec.source
    if (read !== output || source?.kind !== 'output') continue
    if (source.take === 'one' && group.members.size > 1) {
      touchMember(world, reader, member, touchBinding)
      continue
    }
    // Unbound before and after; who is missing is asked when the reason is.
    if (source.take !== 'one' && isShort(known, neededOf(source.wait, group.members.size))) continue
    if (input.marked) continue
    input.marked = true
    const tellsEarly = reader.early.some(({ needs }) => needs.includes(input.index))
    for (const nodeRole of reader.members.values()) touchInput(world, nodeRole, input.index, tellsEarly)
  }
}

function isShort(known: { before: number; after: number }, needed: number): boolean {
  return known.before < needed && known.after < needed
}

/**
 * A node-role's state changed, as its group's counts tell already: those whose own state or reason rests on it. They ask whether it
 * is active and whether it is in error: on its way there it costs them nothing ("looked at no more often" in
 * counts.test.ts fails without).
 */
export function touchDependants(world: World, member: NodeRole, before: State | undefined): void {
  const { group, state } = member
  if (!isOrWas('active', before, state) && !isOrWas('error', before, state)) return
  for (const { group: dependant, of } of group.requiredBy) {
    if (of === 'node') touchMember(world, dependant, member, touch)
    else if (isOrWasAll(group, before, state) || isOrWasOnly(group, before, state)) {
      touchUnsettled(world, dependant, before === 'error' || state === 'error')
    }
  }
}

/** Whether all members are active now and were not before, or the other way round. */
function isOrWasAll(
  { counts, members }: Group,
  before: State | undefined,
  after: State | undefined,
): boolean {
  if (!isOrWas('active', before, after)) return false
  return counts.active >= members.size - (before === 'active' ? 1 : 0)
}

/** Whether the first member has come into error, or the last has left it. */
function isOrWasOnly({ counts }: Group, before: State | undefined, after: State | undefined): boolean {
  if (!isOrWas('error', before, after)) return false
  return counts.error <= (after === 'error' ? 1 : 0)
}

function isOrWas(state: State, before: State | undefined, after: State | undefined): boolean {
  return (before === state) !== (after === state)
}

/** Active ones that have run stay active whatever their requirements do, but may come to rest on a failed one. */
function touchUnsettled(world: World, group: Group, all: boolean): void {
  for (const nodeRole of group.members.values()) {
    if (all || nodeRole.state !== 'active' || !group.role.apply) touch(world, nodeRole)
  }
}

/** A node-role runs no more and is not about to: those that waited for what it would say, or for their turn after it. */
export function touchAwaiting(world: World, member: NodeRole): void {
  const { group } = member
  touchNext(world, member, 'upstream')
  if (group.moving > 0) return
  for (const nodeRole of group.awaiting) touch(world, nodeRole)
  group.awaiting.clear()
}

/** A node-role runs or soon will: those on its node that waited for their window wait for it first. */
export function touchInWindow(world: World, member: NodeRole): void {
  touchNext(world, member, 'window')
}

/** Those on its node whose runs go after its own, and that were seen to wait for just that. */
function touchNext(world: World, member: NodeRole, waiting: 'upstream' | 'window'): void {
  for (const next of member.group.next) {
    if (waiting === 'window' && next.windows.length === 0) continue
    const here = memberBeside(next, member)
    if (here?.reasonKind === waiting) touch(world, here)
  }
}

function touchMember(world: World, group: Group, beside: NodeRole, mark: typeof touch): void {
  const member = memberBeside(group, beside)
  if (member) mark(world, member)
}
