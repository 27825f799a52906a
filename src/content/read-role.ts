// Makes a role of its file: defaults filled in, scripts and templates found, schemas checked.
import { parseDuration } from '../base/duration.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { LockSpec, Requirement, Role } from '../model/role.ts'
import { driftSaid } from './read-drift.ts'
import { readAction, readFile } from './read-files.ts'
import { readInput, readOutput } from './read-values.ts'
import { digestOfRole } from './role-digest.ts'
import type { RoleReader, RoleSurroundings } from './role-reader.ts'
import type { YamlDocument } from './yaml.ts'

export interface LoadedRole {
  role: Role
  document: YamlDocument
}

/** From a document that fits the role format. Faults go to the findings; what comes back is then for checks only. */
export async function readRole(document: YamlDocument, around: RoleSurroundings): Promise<LoadedRole> {
  const raw = document.value as JsonObject
  const name = raw['role'] as string
  const reader: RoleReader = { document, name, ...around }
  const role: Omit<Role, 'digest'> = {
    name,
    package: around.packageId,
    summary: (raw['summary'] as string | undefined) ?? '',
    per: (raw['per'] as Role['per'] | undefined) ?? 'node',
    driver: (raw['driver'] as Role['driver'] | undefined) ?? 'script',
    requires: list(raw['requires']).map(requirement),
    after: list(raw['after']) as string[],
    provides: list(raw['provides']) as string[],
    conflicts: list(raw['conflicts']) as string[],
    once: raw['once'] === true,
    parallel: raw['parallel'] === true,
    become: raw['become'] !== false,
    inputs: mapValues(raw['inputs'], (spec, input) => readInput(reader, ['inputs', input], spec)),
    outputs: mapValues(raw['outputs'], (spec, output) => readOutput(reader, ['outputs', output], spec)),
    files: {},
    locks: list(raw['locks']).map(lock),
    ...readTimes(raw),
    ...driftSaid(raw['drift']),
  }
  for (const [path, spec] of Object.entries((raw['files'] ?? {}) as JsonObject)) {
    const file = await readFile(reader, path, spec as JsonObject, Object.keys(role.inputs))
    if (file !== undefined) role.files[path] = file
  }
  for (const action of ['apply', 'check', 'remove'] as const) {
    const ref = raw[action] === undefined ? undefined : await readAction(reader, action, raw[action])
    if (ref !== undefined) role[action] = ref
  }
  // Files are something to bring about, whether or not anything is to be run after them.
  if (raw['apply'] === undefined && Object.keys(role.files).length > 0) {
    const nothing = await readAction(reader, 'apply', { run: 'true' })
    if (nothing !== undefined) role.apply = nothing
  }
  return { role: { ...role, digest: digestOfRole(role) }, document }
}

function requirement(raw: Json): Requirement {
  if (typeof raw === 'string') return { role: raw, of: 'node' }
  const { role, of = 'node' } = raw as JsonObject
  return { role: role as string, of: of as Requirement['of'] }
}

function lock(raw: Json): LockSpec {
  const { of = 'node', name, capacity = 1 } = raw as JsonObject
  return { of: of as LockSpec['of'], name: name as string, capacity: capacity as number }
}

function readTimes(raw: JsonObject): Pick<Role, 'retry' | 'deadlineMs'> {
  const retry = (raw['retry'] ?? {}) as { attempts?: number; backoff?: string }
  return {
    retry: { attempts: retry.attempts ?? 3, backoffMs: milliseconds(retry.backoff ?? '2s') },
    deadlineMs: milliseconds((raw['deadline'] as string | undefined) ?? '5m'),
  }
}

/** The format has let durations only through. */
function milliseconds(text: string): number {
  return parseDuration(text) ?? 0
}

function list(raw: Json | undefined): Json[] {
  return (raw as Json[] | undefined) ?? []
}

function mapValues<T>(raw: Json | undefined, read: (value: JsonObject, key: string) => T): Record<string, T> {
  return Object.fromEntries(
    Object.entries((raw ?? {}) as JsonObject).map(([key, value]) => [key, read(value as JsonObject, key)]),
  )
}
