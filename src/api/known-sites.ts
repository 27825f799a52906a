// Sites that were looked at here and found sound, by their digest: who asks for one of them again need not send it.
import { type Digest, digestOf } from '../base/digest.ts'
import type { Site } from '../model/site.ts'
import { jsonOf } from './agreement.ts'

/** Each may be some megabytes. */
const KEPT = 4

export class KnownSites {
  readonly #sites = new Map<Digest, Site>()

  constructor(first?: Site) {
    if (first) this.add(first)
  }

  add(site: Site): void {
    const digest = digestOf(jsonOf(site))
    this.#sites.delete(digest)
    this.#sites.set(digest, site)
    const [oldest] = this.#sites.keys()
    if (this.#sites.size > KEPT && oldest !== undefined) this.#sites.delete(oldest)
  }

  get(digest: Digest): Site | undefined {
    return this.#sites.get(digest)
  }
}
