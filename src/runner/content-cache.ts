// Keeps scripts and templates on a runner's disk, by digest, so that each comes over the network once.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOfBytes } from '../base/digest.ts'

/** What comes from `fetch` with another digest than was asked for is not taken. */
export function contentCache(directory: string) {
  let numbers = 0
  return async (
    digest: string,
    fetch: (digest: string) => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> => {
    const path = join(directory, digest)
    const kept = await readFile(path).catch(() => undefined)
    if (kept && digestOfBytes(kept) === digest) return kept
    const bytes = await fetch(digest)
    if (!bytes || digestOfBytes(bytes) !== digest) return undefined
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const draft = `${path}.${process.pid}.${++numbers}`
    await writeFile(draft, bytes, { mode: 0o600 })
    await rename(draft, path)
    return bytes
  }
}
