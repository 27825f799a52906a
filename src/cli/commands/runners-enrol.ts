// `anneal runners enrol NAME`: lets a runner enrol once; the token for it goes to stdout, once.
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { localTime } from '../local-time.ts'
import { styled } from '../text.ts'
import { labelWords } from '../../model/runner-words.ts'

export type EnrolFlags = SiteFlags & {
  label?: readonly (readonly [label: string, value: string])[]
  /** Milliseconds. */
  valid: number
  why?: string
}

export default async function enrol(door: Door, flags: EnrolFlags, runner: string): Promise<ExitCode> {
  return door.writing(flags, async ({ runners }) => {
    const { text, hash } = await door.world.makeEnrolment(runner)
    const invited = await runners.invite({
      runner,
      labels: Object.fromEntries(flags.label ?? []),
      hash,
      endsAt: door.world.now() + flags.valid,
      by: door.world.user,
      ...(flags.why === undefined ? {} : { why: flags.why }),
    })
    if (!invited.ok) return door.refuse(invited.refusal, flags.json)
    const { labels, inviteEndsAt = 0 } = invited.value
    if (flags.json) door.json('runner', { ...invited.value, token: text })
    else door.print([[text]])
    const whose = labelWords(labels)
    door.talk([
      [
        styled('good', '+ '),
        `runner ${runner}${whose === '' ? '' : `, ${whose}`} may enrol once, until ${localTime(inviteEndsAt)}`,
      ],
      [styled('faint', '  on its machine: anneal runner --server URL --token-file FILE')],
    ])
    return EXIT.ok
  })
}
