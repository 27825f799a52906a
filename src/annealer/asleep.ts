// Asleep: a node-role at rest that a snapshot gave back is bound when somebody asks for its values, and before what it reads changes.
import { assert } from '../base/assert.ts'
import type { Json } from '../base/json.ts'
import { bindInput, digestOfBinding, inputsOf } from './bind.ts'
import { told } from './early.ts'
import { type Group, memberBeside, type Plan } from './graph.ts'
import { saysSame } from './repeatable.ts'
import type { Value } from './value.ts'
import type { NodeRecord, NodeRole, Success, World } from './world.ts'

/** Expressions gave another value in the version that wrote the snapshot: what a node-role ran with is in the journal alone. */
export class Misfit extends Error {
  override name = 'Misfit'
}

/** Binds it to what it was bound to when the snapshot was taken: whatever it reads is as it was then. */
export function wake(nodeRole: NodeRole): void {
  if (!nodeRole.isAsleep) return
  const { group, digest } = nodeRole
  nodeRole.awake()
  for (const input of group.inputs) {
    if (bindInput(nodeRole, input)) throw new Misfit(`${nodeRole.id} was bound and is not`)
  }
  if (digestOfBinding(nodeRole) !== digest) throw new Misfit(`${nodeRole.id} is bound otherwise than it was`)
  nodeRole.tellEarly()
}

/** What one says early of which a snapshot gave back the past: as it was then, whether it is asleep or not. */
export function tellEarly(nodeRole: NodeRole): Map<string, Value> | undefined {
  const said = new Map<string, Value>()
  for (const early of nodeRole.group.early) {
    const value = told(nodeRole, early)
    if (value) said.set(early.name, value)
  }
  return said.size > 0 ? said : undefined
}

/** What its last success ran with; undefined where it has none. */
export function inputsOfSuccess(nodeRole: NodeRole): Readonly<Record<string, Json>> | undefined {
  const { success } = nodeRole
  if (!success || success.ranWith) return success?.ranWith
  assert(nodeRole.digest === success.digest, 'what a node-role ran with is not known any more')
  return inputsOf(nodeRole)
}

/** Before a node-role succeeds, or what it did is undone: those that read what it will say otherwise. */
export function wakeReaders(member: NodeRole, after: Success | undefined): void {
  for (const { output, reader } of member.group.readers) {
    if (reader.asleep === 0) continue
    if (!saysSame(member.success?.outputs ?? {}, after?.outputs ?? {}, output)) wakeReadersOf(member, output)
  }
}

/** Before it says something else: the same that `touchReaders` marks then. */
export function wakeReadersOf(member: NodeRole, said: string): void {
  const { group } = member
  for (const { output, reader, input } of group.readers) {
    if (output !== said || reader.asleep === 0) continue
    const { source } = input.spec
    if (source?.kind === 'output' && source.take === 'one' && group.members.size > 1) {
      const here = memberBeside(reader, member)
      if (here) wake(here)
    } else wakeGroup(reader)
  }
}

/** Before its facts change. */
export function wakeNode({ nodeRoles }: NodeRecord): void {
  for (const nodeRole of nodeRoles) wake(nodeRole)
}

/** Before another target: whoever reads whom may be another then. */
export function wakeAll({ plan }: World): void {
  for (const group of plan.groups.values()) wakeGroup(group)
}

function wakeGroup(group: Group): void {
  if (group.asleep > 0) for (const member of group.members.list) wake(member)
}

/** Outputs that read each other in a circle are told together, at each start: then whoever says anything early is bound at once. */
export function maySayAsleep({ groups }: Plan): boolean {
  for (const { early } of groups.values()) if (early.some(({ circle }) => circle)) return false
  return true
}

/** Whether it reads what is said early. */
export function readsEarly({ inputs }: Group): boolean {
  return inputs.some(({ spec: { source }, sources }) => {
    if (source?.kind !== 'output') return false
    return sources.some(({ early }) => early.some(({ name }) => name === source.output))
  })
}
