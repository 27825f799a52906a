// A copy of the tree to be harmed: files as they are now, with the installed packages of the original.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FILES, HOME } from '../tidy/tree.ts'
import { type Defect, harmed } from './defect.ts'

export interface Copy {
  home: string
  /** With the defect in it while `use` goes on; undefined when the defect has gone stale. */
  harm<T>(defect: Defect, use: () => Promise<T>): Promise<T | undefined>
  remove(): void
}

export function copyTree(): Copy {
  const home = mkdtempSync(join(tmpdir(), 'anneal-teeth-'))
  for (const path of FILES) cpSync(join(HOME, path), join(home, path), { verbatimSymlinks: true })
  symlinkSync(join(HOME, 'node_modules'), join(home, 'node_modules'))
  return { home, harm, remove: () => rmSync(home, { recursive: true, force: true }) }

  async function harm<T>(defect: Defect, use: () => Promise<T>): Promise<T | undefined> {
    const path = join(home, defect.file)
    const sound = readFileSync(path, 'utf8')
    const text = harmed(sound, defect)
    if (text === undefined) return undefined
    writeFileSync(path, text)
    try {
      return await use()
    } finally {
      writeFileSync(path, sound)
    }
  }
}
