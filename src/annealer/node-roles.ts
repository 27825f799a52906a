// All node-roles of a world, found by name through the nodes that they are on: a map of the whole fleet would keep each once more.
import { type NodeRoleId, nodeRoleName } from '../model/names.ts'
import type { NodeRole } from './node-role.ts'
import type { NodeRecord } from './world.ts'

/** Reads like a map by id. A node has few, so that these are looked through. */
export class NodeRoles {
  #size = 0
  readonly #nodes: ReadonlyMap<string, NodeRecord>
  /** Those of no node. */
  readonly #elsewhere = new Map<NodeRoleId, NodeRole>()

  constructor(nodes: ReadonlyMap<string, NodeRecord>) {
    this.#nodes = nodes
  }

  get size(): number {
    return this.#size
  }

  get(id: NodeRoleId): NodeRole | undefined {
    const { deployment, node, role } = nodeRoleName(id)
    const there = this.#nodes.get(node)
    if (!there) return this.#elsewhere.get(id)
    for (const one of there.nodeRoles)
      if (one.group.role.name === role && one.group.deployment === deployment) return one
    return undefined
  }

  has(id: NodeRoleId): boolean {
    return this.get(id) !== undefined
  }

  add(nodeRole: NodeRole): void {
    this.#size++
    if (nodeRole.node) nodeRole.node.nodeRoles.push(nodeRole)
    else this.#elsewhere.set(nodeRole.id, nodeRole)
  }

  delete(nodeRole: NodeRole): void {
    this.#size--
    const { node } = nodeRole
    if (node) node.nodeRoles = node.nodeRoles.filter((one) => one !== nodeRole)
    else this.#elsewhere.delete(nodeRole.id)
  }

  /** By node, in the order in which they were placed. */
  *values(): Generator<NodeRole> {
    for (const { nodeRoles } of this.#nodes.values()) yield* nodeRoles
    yield* this.#elsewhere.values()
  }

  *keys(): Generator<NodeRoleId> {
    for (const { id } of this.values()) yield id
  }

  *[Symbol.iterator](): Generator<[NodeRoleId, NodeRole]> {
    for (const nodeRole of this.values()) yield [nodeRole.id, nodeRole]
  }
}
