// Uploads: bytes by digest that clients brought for a site that they are about to propose; kept for a while, bounded.
import { digestOfBytes } from '../base/digest.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Site } from '../model/site.ts'
import type { Serving } from '../engine/serving.ts'
import { invalid } from './read-request.ts'

const MOST_BYTES = 256 * 1024 * 1024

export class Uploads {
  /** What was used last stands last. */
  readonly #kept = new Map<string, Uint8Array>()
  #bytes = 0
  readonly #mostBytes: number

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes
  }

  put(digest: string, bytes: Uint8Array): Answer<void> {
    if (digestOfBytes(bytes) !== digest) {
      const message = 'these bytes have another digest'
      return refuse(invalid([{ in: 'path', place: 'digest', message }]))
    }
    if (!this.#kept.has(digest)) this.#bytes += bytes.length
    this.#kept.delete(digest)
    this.#kept.set(digest, bytes)
    for (const [oldest, { length }] of this.#kept) {
      if (this.#bytes <= this.#mostBytes) break
      this.#kept.delete(oldest)
      this.#bytes -= length
    }
    return answer(undefined)
  }

  has(digest: string): boolean {
    return this.#kept.has(digest)
  }

  /** All that the site refers to; refused where bytes are neither here nor in the journal. */
  async contentOf({ roles }: Site, serving: Serving): Promise<Answer<Map<string, Uint8Array>>> {
    const content = new Map<string, Uint8Array>()
    const missing: string[] = []
    for (const { name, apply, check, remove, files } of Object.values(roles)) {
      const refs = [apply, check, remove, ...Object.values(files).map((file) => file.content)]
      for (const ref of refs) {
        if (!ref || content.has(ref.digest)) continue
        const bytes = this.#kept.get(ref.digest) ?? (await serving.blob(ref.digest))
        if (bytes) content.set(ref.digest, bytes)
        else missing.push(`roles.${name} ${ref.path}`)
      }
    }
    if (missing.length === 0) return answer(content)
    const message =
      'its bytes are not here: POST /api/v1/content/missing tells which, PUT /api/v1/content/{digest} brings them'
    return refuse(invalid(missing.map((place) => ({ in: 'body' as const, place, message }))))
  }
}
