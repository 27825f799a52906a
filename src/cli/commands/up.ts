// `anneal up`: reads the site, shows what would change, asks, commits, anneals to rest.
import type { UpResult } from '../../model/operations.ts'
import type { Answer } from '../../model/refusal.ts'
import type { Diff } from '../../model/view.ts'
import { type AnnealFlags, annealing } from '../annealing.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { needsYes, Question } from '../question.ts'
import { siteFiles } from '../site-files.ts'

export type UpFlags = SiteFlags &
  AnnealFlags & {
    yes: boolean
    stay: boolean
    all: boolean
    only?: readonly string[]
    message?: string
  }

export default async function up(door: Door, flags: UpFlags): Promise<ExitCode> {
  const directory = door.siteDirectory(flags)
  if (directory === undefined) return EXIT.usage
  const loaded = await door.load(directory, flags.json)
  if (loaded === undefined) return EXIT.usage
  return door.writing({ ...flags, site: directory }, async (operations) => {
    const question = new Question(door, flags)
    const code = await annealing(door, flags, 'up', (request, reporter, json): Promise<Answer<UpResult>> => {
      const confirm = (diff: Diff): Promise<boolean> => question.ask(diff, reporter, json, request.signal)
      const message = flags.message ?? ''
      const { site, content } = loaded
      const files = flags.stay ? { files: siteFiles(door, directory, loaded) } : {}
      const named = flags.only ?? []
      const only = named.length === 0 ? {} : { only: [...named] }
      return operations.up({ ...request, site, content, ...files, ...only, message, confirm })
    })
    return question.unasked ? needsYes(door, 'up') : code
  })
}
