// Settings of a server, as `server.yaml` says them: where it listens, who may sign in, how much may be asked.
import type { LogLevel } from '../base/log.ts'
import type { Grant } from './access.ts'
import type { ObserveSettings } from './observe-settings.ts'
import type { SecretReference } from './secret-reference.ts'

export interface ServerSettings {
  /** Where the journal is, if not in the site's directory; `url` as it stands there. */
  database?: { url: string; password?: SecretReference }
  listen: { host: string; port: number }
  /** The address under which people know it, without a slash at its end; for redirects of signing in. */
  url?: string
  /** Paths of PEM files, as the server's machine has them. */
  tls?: { cert: string; key: string }
  oidc?: OidcSettings
  /** Said on purpose: tokens alone are way enough to sign in beyond this machine. */
  tokens: boolean
  /** Addresses and networks of proxies in front, whose `X-Forwarded-For` is believed. */
  proxies: string[]
  limits: LimitSettings
  /** A runner elsewhere that was not heard for so long has lost what it held. */
  runners: { leaseMs: number }
  /** A standby takes over from a server that has the journal and was silent for so long. */
  standby: { patienceMs: number }
  sessions: { idleMs: number; mostMs: number }
  observe: ObserveSettings
  log: { format: 'json' | 'text'; level: LogLevel }
}

export interface OidcSettings {
  issuer: string
  clientId: string
  clientSecret?: SecretReference
  /** What the button on the page says. */
  name: string
  scopes: string[]
  /** The claim whose groups are mapped. */
  groupsClaim: string
  /** The claim that names somebody in events; else the subject does. */
  nameClaim: string
  /** Group -> what its members may. Whoever is in none of them may do nothing. */
  groups: { group: string; grants: Grant[] }[]
  /** Of bearer tokens of machines; without one they are not taken. */
  audience?: string
}

export interface LimitSettings {
  /** Requests of one principal. */
  perPrincipal: Limit
  /** Requests of one address. */
  perAddress: Limit
  /** Credentials of one address that were not good. */
  failures: Limit
}

export interface Limit {
  /** So many at once. */
  burst: number
  perSecond: number
}

export const DEFAULT_LIMITS: LimitSettings = {
  perPrincipal: { burst: 200, perSecond: 50 },
  perAddress: { burst: 600, perSecond: 200 },
  failures: { burst: 10, perSecond: 0.1 },
}

export const DEFAULT_SESSIONS = { idleMs: 8 * 3_600_000, mostMs: 7 * 24 * 3_600_000 }

export const DEFAULT_LEASE_MS = 15_000
export const DEFAULT_PATIENCE_MS = 60_000
/** Three signs of life: less would take a busy server for a silent one. */
export const LEAST_PATIENCE_MS = 6_000

export const DEFAULT_LISTEN = { host: '127.0.0.1', port: 7433 }

/** What listens on it is reached from this machine only. A name may lead anywhere, but for one. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** Why a server must not listen as it is told to; `at` is the key of `server.yaml` that it is about. */
export function openingFaults({
  listen: { host },
  tls,
  oidc,
  tokens,
  url,
}: Pick<ServerSettings, 'listen' | 'tls' | 'oidc' | 'tokens' | 'url'>): OpeningFault[] {
  if (isLoopbackHost(host)) return []
  const faults: OpeningFault[] = []
  if (!tls) {
    faults.push({
      at: 'listen',
      code: 'openWithoutTls',
      message: `${host} is reached from other machines, and without tls everybody on the way could read along`,
      advice: 'set tls: { cert, key }, or listen on 127.0.0.1',
    })
  }
  if (!oidc && !tokens) {
    faults.push({
      at: 'listen',
      code: 'nobodyCouldSignIn',
      message: `${host} is reached from other machines, and nobody there has a way to sign in`,
      advice:
        'set oidc, or tokens: true where only programs with a token shall come in, or listen on 127.0.0.1',
    })
  }
  if (oidc && url === undefined) {
    faults.push({
      at: 'oidc',
      code: 'noAddress',
      message: 'the identity provider sends people back to an address, and none is set',
      advice: 'set url to the address under which people know this server',
    })
  }
  return faults
}

export interface OpeningFault {
  at: 'listen' | 'oidc'
  code: string
  message: string
  advice: string
}
