// Finds the server of a site on this machine: by what it left beside the journal, and by what answers there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  SERVER_KEY_FILE,
  SERVER_PLACE_FILE,
  type ServerPlace,
  type ServerVersion,
  type Standby,
} from '../model/server-place.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { plainFetch } from './plain-fetch.ts'
import type { Connection } from './request.ts'

const PATIENCE_MS = 2_000

export interface FoundServer {
  connection: Connection
  version: string
  /** It follows the one that anneals. */
  standby?: Standby
}

/** Undefined where no server of this site runs: what a dead one left is no server. */
export async function findServer(
  stateDirectory: string,
  by: string,
): Promise<Answer<FoundServer> | undefined> {
  const place = readPlace(stateDirectory)
  if (!place || !isAlive(place.pid)) return undefined
  const told = await versionAt(place.url)
  if (told?.instance !== place.instance) return undefined
  const token = textOf(join(stateDirectory, SERVER_KEY_FILE))?.trim()
  const connection = { url: place.url, by, fetch: plainFetch, ...(token === undefined ? {} : { token }) }
  return answer(foundAt(connection, told))
}

/** A server elsewhere: `ANNEAL_TOKEN`, or the file that `ANNEAL_TOKEN_FILE` names, says who asks. */
export async function connect(
  address: string,
  env: Readonly<Record<string, string | undefined>>,
  by: string,
): Promise<Answer<FoundServer>> {
  const url = address.replace(/\/+$/, '')
  if (!/^https?:\/\//.test(url))
    return refuse({
      code: 'noServer',
      message: `${address} is no address of a server: http://... or https://...`,
    })
  const file = env['ANNEAL_TOKEN_FILE']
  const token = env['ANNEAL_TOKEN'] ?? (file === undefined ? undefined : textOf(file)?.trim())
  if (token === undefined && file !== undefined)
    return refuse({
      code: 'noServer',
      message: `the file ${file}, which ANNEAL_TOKEN_FILE names, cannot be read`,
    })
  const told = await versionAt(url)
  if (!told) return refuse({ code: 'noServer', message: `no server of Anneal answers at ${url}` })
  const connection = { url, by, fetch: plainFetch, ...(token === undefined ? {} : { token }) }
  return answer(foundAt(connection, told))
}

function foundAt(connection: Connection, { version, standby }: ServerVersion): FoundServer {
  return { connection, version, ...(standby ? { standby } : {}) }
}

/** Undefined where nobody answers, or somebody else. */
async function versionAt(url: string): Promise<ServerVersion | undefined> {
  try {
    const response = await plainFetch(`${url}/version`, { signal: AbortSignal.timeout(PATIENCE_MS) })
    const told = (await response.json()) as Partial<ServerVersion> | null
    const { version, site, instance, standby } = told ?? {}
    if (!response.ok || typeof version !== 'string') return undefined
    return { version, site: String(site), instance: String(instance), ...(standby ? { standby } : {}) }
  } catch {
    return undefined
  }
}

function readPlace(stateDirectory: string): ServerPlace | undefined {
  try {
    const told = JSON.parse(textOf(join(stateDirectory, SERVER_PLACE_FILE)) ?? 'null') as ServerPlace | null
    const isWhole =
      typeof told?.url === 'string' && Number.isSafeInteger(told.pid) && typeof told.instance === 'string'
    return isWhole && /^https?:\/\//.test(told.url) ? told : undefined
  } catch {
    return undefined
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** A number may have gone to another process since; what answers tells. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
