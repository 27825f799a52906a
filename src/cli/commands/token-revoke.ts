// `anneal token revoke NAME`: it is good for nothing from now on.
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { styled } from '../text.ts'

export type RevokeFlags = SiteFlags & { why?: string }

export default async function revoke(door: Door, flags: RevokeFlags, token: string): Promise<ExitCode> {
  return door.writing(flags, async ({ access }) => {
    const revoked = await access.revokeToken(token, door.world.user, flags.why)
    if (!revoked.ok) return door.refuse(revoked.refusal, flags.json)
    if (flags.json) door.json('token', revoked.value)
    else door.talk([[styled('good', '- '), `token ${token} is revoked`]])
    return EXIT.ok
  })
}
