// `anneal commit [REVISION]`: commits a proposal and anneals to rest, or has it done by the process that anneals already.
import { answer } from '../../model/refusal.ts'
import { type AnnealFlags, annealing } from '../annealing.ts'
import { showControlled } from '../controlling.ts'
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
      async (request, reporter, json) => {
        const committed = await operations.commit({
          ...request,
          ...(revision === undefined ? {} : { revision }),
          ...(flags.message === undefined ? {} : { message: flags.message }),
          confirm: (diff) => question.ask(diff, reporter, json, request.signal),
        })
        if (!committed.ok) return committed
        const { result } = committed.value
        if (!result) showControlled(door, 'commit', committed.value, json)
        return answer(result)
      },
    )
    return question.unasked ? needsYes(door, 'commit') : code
  })
}
