// `anneal token create NAME`: issues a token for a program; its secret goes to stdout, once.
import type { AccessRole } from '../../model/access.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { localTime } from '../local-time.ts'
import { styled } from '../text.ts'
import { grantText } from '../token-text.ts'

export type CreateFlags = SiteFlags & {
  role: AccessRole
  deployment?: readonly string[]
  /** Milliseconds; `never` is undefined. */
  expires: number | 'never'
  why?: string
}

export default async function create(door: Door, flags: CreateFlags, token: string): Promise<ExitCode> {
  return door.writing(flags, async ({ access }) => {
    const { role, deployment, expires, why } = flags
    const { text, hash } = await door.world.makeToken(token)
    const deployments =
      deployment === undefined || deployment.length === 0 ? {} : { deployments: [...deployment] }
    const issued = await access.issueToken({
      token,
      hash,
      grants: [{ role, ...deployments }],
      ...(expires === 'never' ? {} : { expiresAt: door.world.now() + expires }),
      by: door.world.user,
      ...(why === undefined ? {} : { why }),
    })
    if (!issued.ok) return door.refuse(issued.refusal, flags.json)
    const { grants, expiresAt } = issued.value
    if (flags.json) door.json('token', { ...issued.value, secret: text })
    else door.print([[text]])
    const until = expiresAt === undefined ? 'it never expires' : `it expires ${localTime(expiresAt)}`
    door.talk([
      [styled('good', '+ '), `token ${token}, ${grants.map(grantText).join('; ')}; ${until}`],
      [styled('faint', '  shown once: nobody keeps it, Anneal only its digest')],
    ])
    return EXIT.ok
  })
}
