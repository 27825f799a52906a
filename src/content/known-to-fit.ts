// Documents that are known to fit their formats, by their text: what was looked at once need not be looked at with each command.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonical } from '../base/canonical.ts'
import { digestOf } from '../base/digest.ts'
import type { Format } from './format.ts'

/** Nothing here is older than its text: another text, another format or another Anneal has another digest. */
const MOST_KEPT = 5_000

export class KnownToFit {
  #path: string | undefined
  #version: string
  #known: Set<string>
  #used = new Set<string>()
  #isNew = false

  /** `directory`: where it is kept, as long as that is there; without it nothing outlives the process. */
  constructor(directory: string | undefined, version: string) {
    this.#path = directory && join(directory, 'known-to-fit')
    this.#version = version
    this.#known = new Set(this.#path === undefined ? [] : linesOf(this.#path))
  }

  has(format: Format, text: string): boolean {
    const digest = this.#digest(format, text)
    if (!this.#known.has(digest)) return false
    this.#used.add(digest)
    return true
  }

  add(format: Format, text: string): void {
    const digest = this.#digest(format, text)
    this.#known.add(digest)
    this.#used.add(digest)
    this.#isNew = true
  }

  /** What was asked for this time goes first, so that texts of long ago fall out in the end. */
  keep(): void {
    if (!this.#isNew || this.#path === undefined) return
    const lines = [...new Set([...this.#used, ...this.#known])].slice(0, MOST_KEPT)
    const aside = `${this.#path}.${process.pid}`
    try {
      writeFileSync(aside, `${lines.join('\n')}\n`, { mode: 0o600 })
      renameSync(aside, this.#path)
      this.#isNew = false
    } catch {
      // A site that was never brought up has no such directory, and one may not be ours to write.
    }
  }

  #digest(format: Format, text: string): string {
    return digestOf([this.#version, digestOfFormat(format), text])
  }
}

const digests = new WeakMap<Format, string>()

function digestOfFormat(format: Format): string {
  const known = digests.get(format) ?? digestOf(canonical(format))
  digests.set(format, known)
  return known
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => /^[0-9a-f]{64}$/.test(line))
  } catch {
    return []
  }
}
