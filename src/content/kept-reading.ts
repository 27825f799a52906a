// A site as it was read last, kept for the next command: whoever finds the same files once more need not read and judge them again.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '../base/json.ts'
import { referenceIn } from '../model/secret-reference.ts'
import type { Site, Values } from '../model/site.ts'
import { type Look, lookAgain, type Looks } from './looks.ts'

export interface Reading {
  site: Site
  content: Map<string, Uint8Array>
  /** The YAML files that were read, by their paths. */
  files: string[]
}

interface Kept {
  /** Of the Anneal that read it, and where it looked. */
  by: string
  looks: Look[]
  site: Site
  files: string[]
  /** What stands in the files of roles themselves, by digest. */
  inline: Record<string, string>
}

export class KeptReading {
  readonly #path: string
  readonly #by: string

  /** `by` tells apart whatever might read the same files in another way. */
  constructor(directory: string, by: string) {
    this.#path = join(directory, 'reading.json')
    this.#by = by
  }

  /** Undefined where anything that was looked at is another one by now. */
  again(): Reading | undefined {
    const kept = this.#kept()
    const found = kept && lookAgain(kept.looks)
    if (kept === undefined || found === undefined) return undefined
    const { site, files, inline } = kept
    const content = new Map(
      Object.entries(inline).map(([digest, text]) => [digest, Buffer.from(text, 'base64')]),
    )
    return { site, files, content: new Map<string, Uint8Array>([...content, ...wanted(found, site)]) }
  }

  /**
   * Secrets that stand in the files stay there and nowhere else: such a site is read anew each time. False where there is no
   * place for it (yet): a site that was never brought up has no such directory, and one may not be ours to write.
   */
  keep({ site, content, files }: Reading, looks: Looks): boolean {
    if (holdsSecrets(site)) {
      rmSync(this.#path, { force: true })
      return true
    }
    const all = looks.all()
    const onDisk = new Set(all.map(([, , answer]) => answer))
    const inline = [...content].filter(([digest]) => !onDisk.has(digest))
    const kept: Kept = {
      by: this.#by,
      looks: all,
      site,
      files,
      inline: Object.fromEntries(
        inline.map(([digest, bytes]) => [digest, Buffer.from(bytes).toString('base64')]),
      ),
    }
    const aside = `${this.#path}.${process.pid}`
    try {
      writeFileSync(aside, JSON.stringify(kept), { mode: 0o600 })
      renameSync(aside, this.#path)
      return true
    } catch {
      return false
    }
  }

  #kept(): Kept | undefined {
    try {
      const kept = JSON.parse(readFileSync(this.#path, 'utf8')) as Kept
      return kept.by === this.#by ? kept : undefined
    } catch {
      return undefined
    }
  }
}

/** Of all that was read what its roles refer to. */
function wanted(found: ReadonlyMap<string, Uint8Array>, { roles }: Site): [string, Uint8Array][] {
  const digests = Object.values(roles).flatMap(({ apply, check, remove, files }) =>
    [apply, check, remove, ...Object.values(files).map((file) => file.content)].flatMap(
      (ref) => ref?.digest ?? [],
    ),
  )
  return [...new Set(digests)].flatMap((digest): [string, Uint8Array][] => {
    const bytes = found.get(digest)
    return bytes === undefined ? [] : [[digest, bytes]]
  })
}

/** Whether a sensitive input has a value in it, and not just a word where that is kept. */
function holdsSecrets({ roles, defaults, nodes, deployments }: Site): boolean {
  const inputs = Object.values(roles).flatMap(({ name, inputs: specs }) =>
    Object.entries(specs).flatMap(([input, { sensitive, default: given }]) =>
      sensitive ? [{ name, input, given }] : [],
    ),
  )
  if (inputs.length === 0) return false
  const levels: Values[] = [
    ...Object.values(defaults),
    ...Object.values(nodes).map(({ hints }) => hints),
    ...Object.values(deployments).flatMap(({ values, groups, overrides, placements }) => [
      values,
      ...groups.map((group) => group.values),
      ...Object.entries(overrides).map(([key, own]) => ({ [key.slice(key.indexOf('/') + 1)]: own })),
      ...placements.map(({ role, values: own }) => ({ [role]: own })),
    ]),
  ]
  return inputs.some(
    ({ name, input, given }) =>
      given !== undefined || levels.some((values) => isPlain(values[name]?.[input])),
  )
}

function isPlain(value: Json | undefined): boolean {
  return value !== undefined && referenceIn(value) === undefined
}
