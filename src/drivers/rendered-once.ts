// What templates gave, kept for the next look: the same template over the same values is rendered and hashed once.
import { type Digest, digestOf, digestOfBytes } from '../base/digest.ts'
import type { Json } from '../base/json.ts'

export interface Rendering {
  bytes: Uint8Array
  digest: Digest
}

/** Of all that is kept; then it begins afresh. */
const MOST_BYTES = 64 * 1024 * 1024

export class RenderedOnce {
  readonly #kept = new Map<Digest, Rendering>()
  #bytes = 0

  /** `of`: all that the text may depend on. What could not be rendered is tried again. */
  get(of: Json, render: () => { ok: true; text: string } | { ok: false; message: string }): GotRendering {
    const key = digestOf(of)
    const kept = this.#kept.get(key)
    if (kept) return { ok: true, rendering: kept }
    const rendered = render()
    if (!rendered.ok) return rendered
    const bytes = Buffer.from(rendered.text)
    const rendering = { bytes, digest: digestOfBytes(bytes) }
    this.#bytes += bytes.length + OVERHEAD
    if (this.#bytes > MOST_BYTES) {
      this.#kept.clear()
      this.#bytes = bytes.length + OVERHEAD
    }
    this.#kept.set(key, rendering)
    return { ok: true, rendering }
  }
}

type GotRendering = { ok: true; rendering: Rendering } | { ok: false; message: string }

/** Of an entry beside its bytes, about. */
const OVERHEAD = 300
