// Shared lists: equal lists of nodes in targets are one list, as most roles of a deployment are placed on the same nodes.
import type { DeploymentTarget, PlacementTarget, Target } from '../model/site.ts'

type Listed<T> = Omit<T, 'members'> & { members: number }

/** A target with numbers in place of its lists of nodes. */
export type PackedTarget = Omit<Target, 'deployments'> & {
  deployments: Record<
    string,
    Omit<DeploymentTarget, 'members' | 'groups' | 'placements'> & {
      members: number
      groups: Listed<DeploymentTarget['groups'][number]>[]
      placements: Listed<PlacementTarget>[]
    }
  >
}

/** `before`: one whose lists are taken where they are equal. */
export function shareLists(target: Target, before: Target | undefined): Target {
  const packer = new ListPacker()
  if (before) packer.pack(before)
  return unpackLists(packer.pack(target), packer.lists)
}

/** By what stands in them, so that it does not matter which of them were one list before. */
export class ListPacker {
  /** To these the numbers of packed targets refer. */
  readonly lists: string[][] = []
  readonly #places = new Map<string[], number>()
  readonly #alike = new Map<string, number[]>()

  pack(target: Target): PackedTarget {
    return withLists(target, (list) => this.#placeOf(list)) as unknown as PackedTarget
  }

  #placeOf(list: string[]): number {
    const known = this.#places.get(list)
    if (known !== undefined) return known
    const key = `${list.length} ${list[0]} ${list.at(-1)}`
    const alike = this.#alike.get(key) ?? []
    this.#alike.set(key, alike)
    const equal = alike.find((place) => this.lists[place]?.every((name, i) => name === list[i]))
    const place = equal ?? this.lists.push(list) - 1
    if (equal === undefined) alike.push(place)
    this.#places.set(list, place)
    return place
  }
}

export function unpackLists(packed: PackedTarget, lists: readonly string[][]): Target {
  return withLists(packed, (place) => lists[place] as string[]) as unknown as Target
}

interface WithLists<T> {
  deployments: Record<
    string,
    { members: T; groups: readonly { members: T }[]; placements: readonly { members: T }[] }
  >
}

/** All in the order in which they stand, so that their text is the same. */
function withLists<T, U>(target: WithLists<T>, made: (members: T) => U): WithLists<U> {
  const withMade = (one: { members: T }): { members: U } => ({ ...one, members: made(one.members) })
  const deployments = Object.entries(target.deployments).map(([name, deployment]) => [
    name,
    {
      ...deployment,
      members: made(deployment.members),
      groups: deployment.groups.map(withMade),
      placements: deployment.placements.map(withMade),
    },
  ])
  return { ...target, deployments: Object.fromEntries(deployments) as WithLists<U>['deployments'] }
}
