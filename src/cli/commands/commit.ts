// `anneal commit [REVISION]`: commits a proposal and anneals to rest.
import type { UpResult } from '../../model/operations.ts'
import type { Answer } from '../../model/refusal.ts'
import { type AnnealFlags, annealing } from '../annealing.ts'
import type { Door, SiteFlags } from '../door.ts'
import type { ExitCode } from '../exit-codes.ts'
import { needsYes, Question } from '../question.ts'

export type CommitFlags = SiteFlags & AnnealFlags & { yes: boolean; all: boolean; message?: string }

export default async function commit(door: Door, flags: CommitFlags, revision?: number): Promise<ExitCode> {
  return door.writing(flags, async (operations) => {
    const question = new Question(door, flags)
    const code = await annealing(
      door,
      { ...flags, stay: false },
      'commit',
      (request, reporter, json): Promise<Answer<UpResult>> =>
        operations.commit({
          ...request,
          ...(revision === undefined ? {} : { revision }),
          ...(flags.message === undefined ? {} : { message: flags.message }),
          confirm: (diff) => question.ask(diff, reporter, json, request.signal),
        }),
    )
    return question.unasked ? needsYes(door, 'commit') : code
  })
}
