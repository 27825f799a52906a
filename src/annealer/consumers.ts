// Consumers: which inputs read an output of a node-role, as they would be bound now.
import { oneSource } from './bind.ts'
import type { Group, InputPlan } from './graph.ts'
import type { NodeRole } from './world.ts'

/** One input of a group, of all its members or of those that are named. */
export interface Link {
  reader: Group
  input: InputPlan
  /** All of them read all members of the source: they are reached together, or not at all. */
  all: boolean
  members: Iterable<NodeRole>
}

export function* linksFrom(member: NodeRole, output: string): Generator<Link> {
  const { group } = member
  for (const { output: read, reader, input } of group.readers) {
    const source = input.spec.source
    if (read !== output || source?.kind !== 'output') continue
    if (source.take !== 'one') {
      if (input.sources.find((one) => one.members.size > 0) === group)
        yield { reader, input, all: true, members: reader.members.values() }
      continue
    }
    const here = reader.members.get(member.nodeName)
    const near = group.members.size > 1 ? (here ? [here] : []) : reader.members.values()
    yield { reader, input, all: false, members: readingOne(near, input, member) }
  }
}

function* readingOne(
  near: Iterable<NodeRole>,
  { sources }: InputPlan,
  member: NodeRole,
): Generator<NodeRole> {
  for (const reader of near) if (oneSource(reader, sources) === member) yield reader
}
