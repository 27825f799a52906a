// Access of a server: the doorkeeper with its sessions, links and limits, and the routes of all that.
import type { Digest } from '../../base/digest.ts'
import type { Log } from '../../base/log.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Clock } from '../../engine/clock.ts'
import type { Serving } from '../../engine/serving.ts'
import type { AuditNote } from '../../model/audit.ts'
import { isLoopbackHost, type ServerSettings } from '../../model/server-settings.ts'
import type { Access, Knock } from '../caller.ts'
import { cameFrom } from './came-from.ts'
import { doorkeeper } from './doorkeeper.ts'
import { links } from './links.ts'
import { oidc } from './oidc.ts'
import { principalOf } from './principal.ts'
import { refusalBook } from './refusal-book.ts'
import { sessionRoutes } from './session-routes.ts'
import { sessions } from './sessions.ts'
import { vouchFor } from './vouching.ts'
import { signInRoutes } from './sign-in-routes.ts'
import { TOKEN_ROUTES } from './token-routes.ts'

export interface AccessParts {
  serving: Pick<Serving, 'ask' | 'operations'>
  settings: Pick<ServerSettings, 'listen' | 'url' | 'oidc' | 'limits' | 'sessions'> &
    Partial<Pick<ServerSettings, 'proxies'>>
  /** Of the key of the server, as `makeServerKey` gives it; the key itself stands in a file that only its owner reads. */
  keyHash?: Digest
  /** Where work is handed to runners elsewhere. */
  whoWorks?: (text: string) => { runner: string } | 'over' | undefined
  /** Of the key by which other servers of the site come in; the key itself stands with the journal. */
  peerHash?: Digest
  /** What `settings.oidc.clientSecret` refers to. */
  clientSecret?: string
  clock: Clock
  log: Log
}

/** `close` writes refusals that were counted; before the serving is closed. */
export function makeAccess(parts: AccessParts): Access & { close(): Promise<void> } {
  const { serving, settings, clock, log } = parts
  const { access: operations } = serving.operations
  const now = (): number => clock.now()
  const book = refusalBook({ clock, write })
  const kept = sessions(settings.sessions)
  const oneTime = links()
  const whereFrom = cameFrom(settings.proxies ?? [])
  const provider = settings.oidc && {
    provider: oidc(settings.oidc, parts.clientSecret),
    name: settings.oidc.name,
  }
  const origins = { url: settings.url, loopbackOnly: isLoopbackHost(settings.listen.host) }
  const keeper = doorkeeper({
    now,
    key: parts.keyHash,
    peer: parts.peerHash,
    ask: (question) => serving.ask(question),
    sessions: kept,
    whoWorks: parts.whoWorks,
    readIdentity:
      provider && settings.oidc?.audience !== undefined
        ? (text) => provider.provider.readIdentity(text)
        : undefined,
    origins,
    limits: settings.limits,
    write,
    deny,
    useToken: (token) => void operations.useToken(token),
  })
  const signIn = {
    sessions: kept,
    times: settings.sessions,
    links: oneTime,
    oidc: provider,
    now,
    addressOf,
    isSecure,
    note: write,
    deny,
  }
  return {
    see: (knock) => ({ ...knock, remote: whereFrom(knock.remote, knock.headers.get('x-forwarded-for')) }),
    admit: (knock) => keeper.admit(seen(knock)),
    allow: (knock, caller, said) => keeper.allow(seen(knock), principalOf(caller), said),
    note: (knock, caller, came) => keeper.note(seen(knock), principalOf(caller), came),
    routes: [
      ...TOKEN_ROUTES,
      ...sessionRoutes({ sessions: kept, links: oneTime, now, addressOf }),
      ...signInRoutes(signIn),
    ],
    ...(parts.peerHash === undefined ? {} : { vouch: (caller) => vouchFor(principalOf(caller)) }),
    close: () => book.close(),
  }

  function deny(note: AuditNote): void {
    // The request itself is told as refused by who watches the door; this says by whom and from where.
    log('info', 'refused', { ...note } as JsonObject)
    book.take(note)
  }

  /** Behind something that takes TLS off, the browser is secure although we are not. */
  function isSecure({ secure }: Knock): boolean {
    return secure || settings.url?.startsWith('https:') === true
  }

  function seen(knock: Knock): Knock {
    return { ...knock, secure: isSecure(knock) }
  }

  function addressOf(knock: Knock): string {
    if (settings.url !== undefined) return settings.url
    return `${knock.secure ? 'https' : 'http'}://${knock.headers.get('host') ?? ''}`
  }

  /** A journal that takes nothing has stopped everything else, too: the request is answered as it came out. */
  async function write(note: AuditNote): Promise<void> {
    const noted = await operations.note(note)
    if (!noted.ok)
      log('error', 'a request could not be noted', { ...note, problem: noted.refusal.message } as JsonObject)
  }
}
