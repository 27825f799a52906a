// Keeps scripts and templates that runs of late needed, so that each run does not ask the journal for the same again.

type Fetch = (digest: string) => Promise<Uint8Array | undefined>

/** Bytes, all together; what takes more than a tenth of it is asked for each time. */
const MOST = 4 * 1024 * 1024

/** What is not there is asked for again. */
export function recentBlobs(fetch: Fetch, most: number = MOST): Fetch {
  const kept = new Map<string, Uint8Array>()
  let size = 0
  return async (digest) => {
    const known = kept.get(digest)
    if (known !== undefined) return known
    const bytes = await fetch(digest)
    if (bytes === undefined || bytes.length > most / 10 || kept.has(digest)) return bytes
    kept.set(digest, bytes)
    size += bytes.length
    // The first that came goes first.
    for (const [oldest, { length }] of kept) {
      if (size <= most) break
      kept.delete(oldest)
      size -= length
    }
    return bytes
  }
}
