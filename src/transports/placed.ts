// Which contents a session has put in their places: they are not sent unasked again.
import type { Work, WorkFile, WorkResult } from '../model/work.ts'

const MOST_KNOWN = 10_000

export class Placed {
  /** Digest by path. */
  #digests = new Map<string, string>()

  /** It may be another one by now; then the far end asks for it. */
  readonly has = ({ path, digest }: WorkFile): boolean => this.#digests.get(path) === digest

  remember({ files, filesMode }: Work, { result }: WorkResult): void {
    if (filesMode !== 'write') return
    if (this.#digests.size > MOST_KNOWN) this.#digests.clear()
    for (const { path, digest } of files) {
      if (result === 'done') this.#digests.set(path, digest)
      else this.#digests.delete(path)
    }
  }
}
