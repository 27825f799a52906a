// Who may follow: node-roles with nothing to do that read, by whatever way, what others are about to say anew.
import type { NodeRoleId } from '../model/names.ts'
import type { MayFollow } from '../model/view.ts'
import { linksFrom } from './consumers.ts'
import type { InputPlan } from './graph.ts'
import { knownOutput } from './hubs.ts'
import type { NodeRole, World } from './world.ts'

/** What may be said anew, and who says it by a run or when its node is looked at for the first time. */
interface Word {
  nodeRole: NodeRole
  output: string
  by: NodeRole
}

/** `moving`: those that will run anyway. Costs what is reached; each is told once, with the first that it may follow. */
export function mayFollow(world: World, moving: ReadonlySet<NodeRoleId>): MayFollow[] {
  const follows = new Map<NodeRole, MayFollow>()
  const links = new Set<InputPlan>()
  const said = new Set<string>()
  const words: Word[] = []
  const say = (nodeRole: NodeRole, output: string, by: NodeRole): void => {
    const place = `${nodeRole.id}.${output}`
    if (said.has(place)) return
    said.add(place)
    words.push({ nodeRole, output, by })
  }
  for (const id of moving) {
    const nodeRole = world.nodeRoles.get(id)
    if (!nodeRole || nodeRole.leaving) continue
    for (const output of nodeRole.group.lateOutputs) say(nodeRole, output, nodeRole)
    sayEarly(nodeRole)
  }
  // A milestone does not move, but speaks once its node has told its facts.
  for (const { facts, nodeRoles } of world.nodes.values())
    if (!facts) for (const nodeRole of nodeRoles) if (!nodeRole.leaving) sayEarly(nodeRole)
  // It grows while it is walked.
  for (const { nodeRole, output, by } of words) {
    for (const { input, all, members } of linksFrom(nodeRole, output)) {
      if (all && links.has(input)) continue
      if (all) links.add(input)
      for (const member of members) if (!moving.has(member.id)) hear(member, input, by)
    }
  }
  return [...follows.values()].sort((a, b) => (a.nodeRole < b.nodeRole ? -1 : 1))

  function sayEarly(nodeRole: NodeRole): void {
    for (const { name } of nodeRole.group.early)
      if (!knownOutput(nodeRole, name)) say(nodeRole, name, nodeRole)
  }

  function hear(member: NodeRole, input: InputPlan, by: NodeRole): void {
    const { group } = member
    const runs = group.role.apply !== undefined
    if (runs && !follows.has(member))
      follows.set(member, { nodeRole: member.id, input: input.name, after: by.id })
    for (const early of group.early) if (early.needs.includes(input.index)) say(member, early.name, by)
    if (runs) for (const late of group.lateOutputs) say(member, late, member)
  }
}
