// Reads server.yaml: the settings of a server, or faults with line and column; without the file its defaults.
import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { assert } from '../base/assert.ts'
import { formatDuration, parseDuration } from '../base/duration.ts'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { AccessRole } from '../model/access.ts'
import type { Fault } from '../model/fault.ts'
import { type ObserveSettings, WEBHOOK_EVENTS } from '../model/observe-settings.ts'
import { referenceIn, type SecretReference } from '../model/secret-reference.ts'
import {
  DEFAULT_LEASE_MS,
  DEFAULT_LIMITS,
  DEFAULT_LISTEN,
  DEFAULT_PATIENCE_MS,
  DEFAULT_SESSIONS,
  isLoopbackHost,
  LEAST_PATIENCE_MS,
  type Limit,
  type OidcSettings,
  openingFaults,
  type ServerSettings,
} from '../model/server-settings.ts'
import { type Findings, makeFindings, sorted, wrongKey, wrongValue } from './findings.ts'
import { readDocument } from './read-document.ts'
import { makeSchemas } from './schema.ts'
import { SERVER_FORMAT } from './server-format.ts'
import type { YamlDocument } from './yaml.ts'

const SERVER_FILE = 'server.yaml'

/** Compiled once in a process. */
const schemas = makeSchemas()

export type LoadedServer = { ok: true; settings: ServerSettings } | { ok: false; faults: Fault[] }

/** Paths in it are relative to the site. Certificates and secrets are not read here. */
export async function loadServerSettings(siteDir: string): Promise<LoadedServer> {
  const path = join(siteDir, SERVER_FILE)
  if (!existsSync(path)) return { ok: true, settings: settingsOf({}, siteDir) }
  const findings = makeFindings()
  const read = await readDocument(path, SERVER_FILE, SERVER_FORMAT, schemas, findings)
  const raw = read?.document.value
  if (read?.fits && isObject(raw)) {
    const settings = settingsOf(raw, siteDir)
    check(findings, read.document, settings, raw)
    if (findings.faults.length === 0) return { ok: true, settings }
  }
  return { ok: false, faults: sorted(findings.faults) }
}

function settingsOf(raw: JsonObject, siteDir: string): ServerSettings {
  const place = (path: Json | undefined): string => resolve(siteDir, path as string)
  const { url, tls, oidc, tokens } = raw
  const limits = objectAt(raw, 'limits')
  const sessions = objectAt(raw, 'sessions')
  const log = objectAt(raw, 'log')
  return {
    listen: listenOf(raw['listen']),
    ...databaseOf(raw['database'], place),
    ...(url === undefined ? {} : { url: (url as string).replace(/\/+$/, '') }),
    ...(isObject(tls) ? { tls: { cert: place(tls['cert']), key: place(tls['key']) } } : {}),
    ...(isObject(oidc) ? { oidc: oidcOf(oidc, raw['roles'], place) } : {}),
    tokens: tokens === true,
    proxies: (raw['proxies'] ?? []) as string[],
    limits: {
      perPrincipal: limitOf(limits['principal'], DEFAULT_LIMITS.perPrincipal),
      perAddress: limitOf(limits['address'], DEFAULT_LIMITS.perAddress),
      failures: limitOf(limits['failures'], DEFAULT_LIMITS.failures),
    },
    runners: { leaseMs: msOf(objectAt(raw, 'runners')['lease']) ?? DEFAULT_LEASE_MS },
    standby: { patienceMs: msOf(objectAt(raw, 'standby')['patience']) ?? DEFAULT_PATIENCE_MS },
    sessions: {
      idleMs: msOf(sessions['idle']) ?? DEFAULT_SESSIONS.idleMs,
      mostMs: msOf(sessions['longest']) ?? DEFAULT_SESSIONS.mostMs,
    },
    observe: observeOf(raw, place),
    log: {
      format: (log['format'] ?? 'text') as ServerSettings['log']['format'],
      level: (log['level'] ?? 'info') as ServerSettings['log']['level'],
    },
  }
}

function listenOf(raw: Json | undefined): ServerSettings['listen'] {
  if (raw === undefined) return DEFAULT_LISTEN
  if (isObject(raw)) return { host: raw['host'] as string, port: raw['port'] as number }
  const [, host = '', port] = /^(.*):(\d+)$/.exec(raw as string) ?? []
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}

function databaseOf(
  raw: Json | undefined,
  place: (path: Json | undefined) => string,
): Pick<ServerSettings, 'database'> {
  if (typeof raw === 'string') return { database: { url: raw } }
  if (!isObject(raw)) return {}
  const { url, password } = raw
  return {
    database: {
      url: url as string,
      ...(password === undefined ? {} : { password: secretOf(password, place) }),
    },
  }
}

function oidcOf(
  raw: JsonObject,
  roles: Json | undefined,
  place: (path: Json | undefined) => string,
): OidcSettings {
  const issuer = raw['issuer'] as string
  const { client_secret: secret, audience } = raw
  const mapped = (Array.isArray(roles) ? roles : []) as {
    group: string
    role: AccessRole
    deployments?: string[]
  }[]
  return {
    issuer,
    clientId: raw['client_id'] as string,
    ...(secret === undefined ? {} : { clientSecret: secretOf(secret, place) }),
    name: (raw['name'] as string | undefined) ?? new URL(issuer).host,
    scopes: (raw['scopes'] as string[] | undefined) ?? ['openid', 'profile', 'email', 'groups'],
    groupsClaim: (raw['groups_claim'] as string | undefined) ?? 'groups',
    nameClaim: (raw['name_claim'] as string | undefined) ?? 'preferred_username',
    groups: mapped.map(({ group, role, deployments }) => ({
      group,
      grants: [deployments === undefined ? { role } : { role, deployments }],
    })),
    ...(audience === undefined ? {} : { audience: audience as string }),
  }
}

function observeOf(raw: JsonObject, place: (path: Json | undefined) => string): ObserveSettings {
  const { traces } = raw
  const secrets = (all: Json | undefined): SecretReference[] =>
    (all as Json[]).map((one) => secretOf(one, place))
  const list = (key: string): JsonObject[] => (raw[key] ?? []) as JsonObject[]
  return {
    metrics: raw['metrics'] !== false,
    ...(isObject(traces)
      ? {
          traces: {
            endpoint: traces['endpoint'] as string,
            headers: Object.fromEntries(
              Object.entries(objectAt(traces, 'headers')).map(([name, secret]) => [
                name,
                secretOf(secret, place),
              ]),
            ),
          },
        }
      : {}),
    webhooks: list('webhooks').map((one) => ({
      name: one['name'] as string,
      url: one['url'] as string,
      events: (one['events'] as ObserveSettings['webhooks'][number]['events'] | undefined) ?? [
        ...WEBHOOK_EVENTS,
      ],
      secrets: secrets(one['secrets']),
    })),
    hooks: list('hooks').map((one) => ({
      name: one['name'] as string,
      does: one['does'] as ObserveSettings['hooks'][number]['does'],
      role: one['role'] as AccessRole,
      secrets: secrets(one['secrets']),
    })),
  }
}

/** It fits the format, which takes nothing else. */
function secretOf(raw: Json, place: (path: Json | undefined) => string): SecretReference {
  const reference = referenceIn({ secret: raw })
  assert(reference, 'the format of server.yaml takes what is no reference')
  return reference.kind === 'file' ? { ...reference, path: place(reference.path) } : reference
}

function limitOf(raw: Json | undefined, otherwise: Limit): Limit {
  if (!isObject(raw)) return otherwise
  return {
    burst: (raw['burst'] as number | undefined) ?? otherwise.burst,
    perSecond: (raw['per_second'] as number | undefined) ?? otherwise.perSecond,
  }
}

function msOf(raw: Json | undefined): number | undefined {
  return typeof raw === 'string' ? parseDuration(raw) : undefined
}

function objectAt(raw: JsonObject, key: string): JsonObject {
  const value = raw[key]
  return isObject(value) ? value : {}
}

/** What fits the format and would be dangerous, or of no use. */
function check(findings: Findings, document: YamlDocument, settings: ServerSettings, raw: JsonObject): void {
  const { listen, oidc } = settings
  if (listen.port > 65_535) {
    wrongValue(findings, document, ['listen'], {
      code: 'badPort',
      message: `there is no port ${listen.port}`,
    })
  }
  for (const [index, proxy] of settings.proxies.entries()) {
    if (!isNetwork(proxy))
      wrongValue(findings, document, ['proxies', String(index)], {
        code: 'badNetwork',
        message: `${proxy} is neither an address nor a network such as 10.0.0.0/8`,
      })
  }
  if (settings.standby.patienceMs < LEAST_PATIENCE_MS)
    wrongValue(findings, document, ['standby', 'patience'], {
      code: 'tooImpatient',
      message: `a server that is only busy would be taken for a silent one: expected ${formatDuration(LEAST_PATIENCE_MS)} or more`,
    })
  for (const { at, ...complaint } of openingFaults(settings)) wrongKey(findings, document, [at], complaint)
  if (oidc && raw['roles'] === undefined) {
    wrongKey(findings, document, ['oidc'], {
      code: 'nobodyMay',
      message: 'whoever signs in may do nothing: no group has a role',
      advice: 'set roles: [{ group: ..., role: viewer }]',
    })
  }
  if (!oidc && raw['roles'] !== undefined) {
    wrongKey(findings, document, ['roles'], {
      code: 'noProvider',
      message: 'roles are for groups of an identity provider, and none is set',
      advice: 'set oidc, or take roles out',
    })
  }
  if (oidc && isOpen(oidc.issuer)) {
    wrongValue(findings, document, ['oidc', 'issuer'], {
      code: 'openProvider',
      message: 'an identity provider is asked over https: whoever is on the way could let in anybody',
    })
  }
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32))
}

function isOpen(address: string): boolean {
  const { protocol, hostname } = new URL(address)
  return protocol !== 'https:' && !isLoopbackHost(hostname.replace(/^\[(.*)\]$/, '$1'))
}
