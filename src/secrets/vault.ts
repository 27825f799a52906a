// Reads one field of a secret in Vault: KV version 2 over HTTP, as Vault's own documentation of that engine has it.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { formatDuration } from '../base/duration.ts'
import { at, isObject, type Json } from '../base/json.ts'
import { visible } from '../base/visible.ts'
import type { Resolved, SecretReference } from '../model/secret-reference.ts'
import type { VaultSettings } from '../model/secrets.ts'

export interface VaultSurroundings {
  settings: VaultSettings
  env: Readonly<Record<string, string | undefined>>
  siteDir: string
  timeoutMs: number
  signal: AbortSignal
}

type VaultReference = Extract<SecretReference, { kind: 'vault' }>

const MOST_BYTES = 1024 * 1024

/** GET /v1/MOUNT/data/PATH; the values stand in `data.data`. */
export async function vaultField(
  reference: VaultReference,
  surroundings: VaultSurroundings,
): Promise<Resolved> {
  const { settings, env } = surroundings
  const address = settings.address ?? env['VAULT_ADDR']
  if (!address)
    return failed('nobody says where Vault is: VAULT_ADDR is not set, nor secrets: { vault: { address } }')
  const url = urlOf(address, reference)
  if (!url) return failed(`${visible(address)} is no address of a Vault (https://HOST:PORT)`)
  const token = await tokenOf(surroundings)
  if (!token.ok) return token
  const namespace = settings.namespace ?? env['VAULT_NAMESPACE']
  const asked = await get(url, surroundings, {
    'X-Vault-Token': token.value,
    'X-Vault-Request': 'true',
    ...(namespace ? { 'X-Vault-Namespace': namespace } : {}),
  })
  return asked.ok ? fieldOf(reference, asked.status, asked.body) : asked
}

function urlOf(address: string, { mount, path }: VaultReference): URL | undefined {
  const [first = '', ...rest] = path.split('/')
  const below = mount === undefined ? rest : [first, ...rest]
  const parts = [...(mount ?? first).split('/'), 'data', ...below].map(encodeURIComponent)
  const url = URL.parse(`${address.replace(/\/+$/, '')}/v1/${parts.join('/')}`)
  return url && ['http:', 'https:'].includes(url.protocol) && !url.username ? url : undefined
}

/** As the vault command has it: a file that is named, VAULT_TOKEN, then what `vault login` has left. */
async function tokenOf({
  settings,
  env,
  siteDir,
}: VaultSurroundings): Promise<{ ok: true; value: string } | { ok: false; message: string }> {
  const named = settings.tokenFile === undefined ? undefined : resolve(siteDir, settings.tokenFile)
  const fromEnv = env['VAULT_TOKEN']
  if (named === undefined && fromEnv) return usable(fromEnv, 'VAULT_TOKEN')
  const path = named ?? join(env['HOME'] ?? homedir(), '.vault-token')
  try {
    return usable((await readFile(path, 'utf8')).trim(), path)
  } catch {
    return failed(
      named === undefined
        ? 'there is no token: VAULT_TOKEN is not set, and there is no ~/.vault-token'
        : `there is no token in ${path}`,
    )
  }
}

/** What it may hold besides would end the header. */
function usable(token: string, where: string): { ok: true; value: string } | { ok: false; message: string } {
  return /^[\x21-\x7e]+$/.test(token) ? { ok: true, value: token } : failed(`what ${where} holds is no token`)
}

type Got = { ok: true; status: number; body: Json | undefined } | { ok: false; message: string }

async function get(
  url: URL,
  { settings, env, siteDir, timeoutMs, signal }: VaultSurroundings,
  headers: Record<string, string>,
): Promise<Got> {
  const caFile = settings.caFile ?? env['VAULT_CACERT']
  let ca: Buffer | undefined
  if (url.protocol === 'https:' && caFile) {
    try {
      ca = await readFile(resolve(siteDir, caFile))
    } catch {
      return failed(`the certificates in ${caFile} cannot be read`)
    }
  }
  const timeout = AbortSignal.timeout(timeoutMs)
  const options = { headers, signal: AbortSignal.any([signal, timeout]), agent: false, ...(ca ? { ca } : {}) }
  const request = url.protocol === 'https:' ? requestSecure : requestPlain
  try {
    const asking = request(url, options)
    // What breaks after the answer has begun is told by reading it.
    asking.on('error', () => {})
    asking.end()
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    const body = await read(answer)
    if (body === undefined) return failed(`${url.origin} answered with more than ${MOST_BYTES} bytes`)
    return { ok: true, status: answer.statusCode ?? 0, body: jsonIn(body) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = timeout.aborted ? `no answer within ${formatDuration(timeoutMs)}` : (code ?? message)
    return failed(`${url.origin} does not answer (${why})`)
  }
}

/** Undefined where there is more of it than any secret needs. */
async function read(answer: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > MOST_BYTES) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** A version that was deleted is told as 404 too, with `data: null` and when that was. */
function fieldOf({ field }: VaultReference, status: number, body: Json | undefined): Resolved {
  if (status === 404 && at(body, ['data', 'metadata', 'deletion_time']))
    return failed('its latest version was deleted (404)')
  if (status === 404)
    return failed('there is nothing at this path, or its mount is no KV engine of version 2 (404)')
  if (status === 403) return failed('the token may not read it, or is no longer valid (403)')
  if (status === 503) return failed('Vault is sealed, or being looked after (503)')
  if (status !== 200) return failed(`Vault answered ${status}${firstError(body)}`)
  const data = at(body, ['data', 'data'])
  if (!isObject(data)) return failed('Vault answered something else than a secret of a KV engine, version 2')
  if (Object.hasOwn(data, field)) return { ok: true, value: data[field] as Json }
  return failed(
    `it has no field ${field}, but ${visible(Object.keys(data).slice(0, 8).join(', ')) || 'none at all'}`,
  )
}

function firstError(body: Json | undefined): string {
  const error = at(body, ['errors', '0'])
  return typeof error === 'string' ? `: ${visible(error.slice(0, 200))}` : ''
}

function failed(message: string): { ok: false; message: string } {
  return { ok: false, message }
}
