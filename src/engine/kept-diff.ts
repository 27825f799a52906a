// The last difference that was worked out, for who says yes to it: it is the same while no turn was made in between.
import { diffTarget } from '../annealer/diff.ts'
import type { World } from '../annealer/world.ts'
import type { Json } from '../base/json.ts'
import { isSameJson } from '../base/same-json.ts'
import type { Target } from '../model/site.ts'
import type { Diff } from '../model/view.ts'

export class KeptDiff {
  readonly #world: World
  /** By what a turn changes, of which each begins a list of its own: it goes with the turn, however large it is. */
  readonly #kept = new WeakMap<World['changed'], { target: Target; diff: Diff }>()

  constructor(world: World) {
    this.#world = world
  }

  /** As `diffTarget` gives it. */
  to(target: Target): Diff {
    const { changed } = this.#world
    const kept = this.#kept.get(changed)
    if (kept && isSameJson(kept.target as unknown as Json, target as unknown as Json)) return kept.diff
    const diff = diffTarget(this.#world, target)
    this.#kept.set(changed, { target, diff })
    return diff
  }
}
