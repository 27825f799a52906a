// What a run says in a rehearsal: what its node-role said last time, else something that fits the schema of the output.
import type { Group } from '../annealer/graph.ts'
import type { NodeRole, World } from '../annealer/world.ts'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { NO_NODE, nodeRoleId } from '../model/names.ts'
import type { Assumption } from '../model/rehearsal.ts'
import { makeUp } from './made-up.ts'
import type { Copies } from './multiply.ts'

export class Said {
  readonly #past: World
  readonly #copies: Copies
  readonly #again = new Set<string>()
  readonly #madeUp = new Set<string>()
  readonly #unknown = new Set<string>()
  /** By group and output, as long as the plan is the same. */
  #keys = new WeakMap<Group, Map<string, readonly string[]>>()
  readonly #made = new Map<string, Json | undefined>()

  constructor(past: World, copies: Copies) {
    this.#past = past
    this.#copies = copies
  }

  /** Outputs that nothing could be made up for are left out. */
  by(world: World, nodeRole: NodeRole): JsonObject {
    const outputs: JsonObject = {}
    for (const output of nodeRole.group.lateOutputs) {
      const value = this.#valueOf(world, nodeRole, output)
      if (value !== undefined) outputs[output] = value
    }
    return outputs
  }

  get assumptions(): Assumption[] {
    const told: Assumption[] = []
    if (this.#again.size > 0) told.push({ kind: 'saidAgain', outputs: this.#again.size })
    if (this.#madeUp.size > 0) told.push({ kind: 'madeUp', outputs: [...this.#madeUp].sort() })
    if (this.#unknown.size > 0) told.push({ kind: 'unknown', outputs: [...this.#unknown].sort() })
    return told
  }

  /** The same in each rehearsal, so that it is worked out once. */
  #valueOf(world: World, nodeRole: NodeRole, output: string): Json | undefined {
    const key = `${nodeRole.id} ${output}`
    if (this.#made.has(key)) return this.#made.get(key)
    const value = this.#work(world, nodeRole, output)
    this.#made.set(key, value)
    return value
  }

  #work(world: World, nodeRole: NodeRole, output: string): Json | undefined {
    const { group, nodeName } = nodeRole
    const schema = group.role.outputs[output]?.schema ?? {}
    const what = `${group.role.name}.${output}`
    const keys = (): readonly string[] => this.#keysOf(world, group, output)
    const before = this.#before(nodeRole, output)
    if (before !== undefined) {
      const value = completed(before, keys)
      if (world.language.schema(schema)(value) === undefined) {
        this.#again.add(what)
        return value
      }
    }
    const name = nodeName === NO_NODE ? what : `${what} of ${nodeName}`
    const value = makeUp(world.language, schema, { name, keys })
    const notes = value === undefined ? this.#unknown : this.#madeUp
    notes.add(what)
    return value
  }

  /** A copy says what the one that it is a copy of said, by its own name. */
  #before({ id, deployment, nodeName, group }: NodeRole, output: string): Json | undefined {
    const own = this.#past.nodeRoles.get(id)?.success?.outputs[output]
    const original = this.#copies.get(nodeName)
    if (own !== undefined || original === undefined) return own
    const there = nodeRoleId({ deployment, node: original, role: group.role.name })
    const said = this.#past.nodeRoles.get(there)?.success?.outputs[output]
    return said === undefined ? undefined : renamed(said, original, nodeName)
  }

  /** The nodes that read it: who says something of each node says it of these. */
  #keysOf(world: World, group: Group, output: string): readonly string[] {
    const known = this.#keys.get(group) ?? new Map<string, readonly string[]>()
    this.#keys.set(group, known)
    const before = known.get(output)
    if (before) return before
    const readers = group.readers.filter((each) => each.output === output)
    const names = new Set(
      readers.flatMap(({ reader }) =>
        reader.role.per === 'deployment'
          ? (world.target?.deployments[reader.deployment]?.members ?? [])
          : reader.memberNames,
      ),
    )
    const keys = [...names].sort()
    known.set(output, keys)
    return keys
  }
}

/** A mapping by the names of nodes gets an entry for each that it lacks: as one that it has, by another name. */
function completed(value: Json, keys: () => readonly string[]): Json {
  if (!isObject(value)) return value
  const [first] = Object.keys(value)
  if (first === undefined) return value
  const wanted = keys()
  if (!wanted.includes(first)) return value
  const whole: JsonObject = { ...value }
  for (const key of wanted)
    if (!Object.hasOwn(whole, key)) whole[key] = renamed(value[first] as Json, first, key)
  return whole
}

function renamed(value: Json, from: string, to: string): Json {
  if (typeof value === 'string') return value === from ? to : value
  if (Array.isArray(value)) return value.map((item) => renamed(item, from, to))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, from, to)]))
}
