// `anneal rinse TARGET...`: removes in reverse order and applies afresh, after showing what that means, and anneals to rest.
import type { UpResult } from '../../model/operations.ts'
import type { Answer } from '../../model/refusal.ts'
import type { RinsePreview } from '../../model/rinse.ts'
import { type AnnealFlags, annealing } from '../annealing.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { JsonLines } from '../json-lines.ts'
import { needsYes, Question } from '../question.ts'
import { rinseLines } from '../rinse-text.ts'

export type RinseFlags = SiteFlags &
  AnnealFlags & { yes: boolean; all: boolean; once: boolean; message?: string }

export default async function rinse(door: Door, flags: RinseFlags, ...names: string[]): Promise<ExitCode> {
  const targets = targetsIn(flags, names)
  if (targets === undefined) return misnamed(door, flags, names)
  return door.writing(flags, async (operations) => {
    const question = new Question(door, flags)
    const code = await annealing(
      door,
      { ...flags, stay: false },
      'rinse',
      (request, reporter, json): Promise<Answer<UpResult>> =>
        operations.rinse({
          ...request,
          targets,
          once: flags.once,
          ...(flags.message === undefined ? {} : { why: flags.message }),
          confirm(preview) {
            reporter.pause()
            show(door, preview, json)
            return question.confirmed('Remove all this and apply it afresh?', json, request.signal)
          },
        }),
    )
    return question.unasked ? needsYes(door, ['rinse', ...(flags.all ? ['--all'] : names)].join(' ')) : code
  })
}

/** Either all of the site or what is named, so that a forgotten name is never all. */
function targetsIn({ all }: RinseFlags, names: string[]): string[] | 'all' | undefined {
  if (all === names.length > 0) return undefined
  return all ? 'all' : names
}

function misnamed(door: Door, { json }: RinseFlags, names: readonly string[]): ExitCode {
  door.fail(
    names.length === 0 ? 'nothing was named to rinse' : 'either --all or names, not both',
    'anneal rinse TARGET... rinses what is named, anneal rinse --all the whole site',
    json,
  )
  return EXIT.usage
}

function show(door: Door, preview: RinsePreview, json: JsonLines | undefined): void {
  if (json === undefined) door.print([...rinseLines(preview), []])
  else json.line('preview', preview)
}
