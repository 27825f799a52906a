// Makes a role of its file: defaults filled in, scripts and templates found, schemas checked.
import { join } from 'node:path'
import { digestOf } from '../base/digest.ts'
import { parseDuration } from '../base/duration.ts'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type {
  ActionName,
  ContentRef,
  FileSpec,
  InputSource,
  InputSpec,
  LockSpec,
  OutputSpec,
  Requirement,
  Role,
  Take,
  Wait,
} from '../model/role.ts'
import { type Content, findContent, inlineContent, scriptComplaint } from './content.ts'
import { type Findings, wrongBySchema, wrongKey, wrongText, wrongValue } from './findings.ts'
import { SCHEMA_KEYWORDS } from './role-format.ts'
import type { Schemas } from './schema.ts'
import { templateFaults } from './template.ts'
import { schemaFaults } from './user-schema.ts'
import type { YamlDocument } from './yaml.ts'

export interface LoadedRole {
  role: Role
  document: YamlDocument
}

export interface RoleSurroundings {
  /** The package's real directory, and how it is shown to people. */
  root: string
  shown: string
  /** `name` and `name@version`. */
  packageName: string
  packageId: string
  content: Content
  schemas: Schemas
  findings: Findings
}

/** From a document that fits the role format. Faults go to the findings; what comes back is then for checks only. */
export async function readRole(document: YamlDocument, around: RoleSurroundings): Promise<LoadedRole> {
  const raw = document.value as JsonObject
  const name = raw['role'] as string
  const reader = { document, name, ...around }
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
  }
  for (const [path, spec] of Object.entries((raw['files'] ?? {}) as JsonObject)) {
    const file = await readFile(reader, path, spec as JsonObject, Object.keys(role.inputs))
    if (file !== undefined) role.files[path] = file
  }
  for (const action of ['apply', 'check', 'remove'] as const) {
    const ref = raw[action] === undefined ? undefined : await readAction(reader, action, raw[action])
    if (ref !== undefined) role[action] = ref
  }
  return { role: { ...role, digest: digestOfRole(role) }, document }
}

interface Reader extends RoleSurroundings {
  document: YamlDocument
  name: string
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

function readInput(reader: Reader, path: string[], raw: JsonObject): InputSpec {
  const schema = schemaOf(raw)
  const source = readSource(reader, path, raw)
  const usable = schemaFaults(schema, reader.schemas)
  wrongBySchema(reader.findings, reader.document, path, usable)
  if (raw['default'] !== undefined && usable.length === 0) {
    wrongBySchema(
      reader.findings,
      reader.document,
      [...path, 'default'],
      reader.schemas.compile(schema)(raw['default']),
    )
  }
  return {
    schema,
    sensitive: raw['sensitive'] === true,
    optional: raw['optional'] === true,
    ...(raw['default'] === undefined ? {} : { default: raw['default'] }),
    ...(source === undefined ? {} : { source }),
  }
}

const SOURCES = ['fact', 'from', 'value'] as const

function readSource(reader: Reader, path: string[], raw: JsonObject): InputSource | undefined {
  const given = SOURCES.filter((word) => raw[word] !== undefined)
  if (given.length > 1) {
    wrongKey(reader.findings, reader.document, [...path, given[1] as string], {
      code: 'twoSources',
      message: `an input has one source, this one has ${given.join(' and ')}`,
    })
  }
  const stray = ['take', 'wait', 'select'].find((word) => raw[word] !== undefined)
  if (stray !== undefined && raw['from'] === undefined) {
    wrongKey(reader.findings, reader.document, [...path, stray], {
      code: 'strayKey',
      message: `${stray} means something beside from only`,
      advice: 'name the output with from: role.output',
    })
  }
  switch (given[0]) {
    case 'fact':
      return { kind: 'fact', path: (raw['fact'] as string).split('.') }
    case 'value':
      return { kind: 'value', expression: raw['value'] as string }
    case 'from': {
      const [role = '', output = ''] = (raw['from'] as string).split('.')
      return {
        kind: 'output',
        role,
        output,
        take: (raw['take'] as Take | undefined) ?? 'one',
        wait: (raw['wait'] as Wait | undefined) ?? 'all',
        ...(raw['select'] === undefined ? {} : { select: raw['select'] as string }),
      }
    }
    default:
      return undefined
  }
}

function readOutput(reader: Reader, path: string[], raw: JsonObject): OutputSpec {
  const schema = schemaOf(raw)
  wrongBySchema(reader.findings, reader.document, path, schemaFaults(schema, reader.schemas))
  return {
    schema,
    sensitive: raw['sensitive'] === true,
    ...(raw['value'] === undefined ? {} : { value: raw['value'] as string }),
  }
}

/** The JSON Schema keywords that stand among our own. A secret says so in its schema too, for messages. */
function schemaOf(raw: JsonObject): JsonObject {
  const words = SCHEMA_KEYWORDS.filter((word) => raw[word] !== undefined)
  const schema = Object.fromEntries(words.map((word) => [word, raw[word] as Json]))
  return raw['sensitive'] === true ? { ...schema, writeOnly: true } : schema
}

async function readFile(
  reader: Reader,
  path: string,
  raw: JsonObject,
  inputs: string[],
): Promise<FileSpec | undefined> {
  const { document, findings } = reader
  const given = (['template', 'file', 'content'] as const).filter((word) => raw[word] !== undefined)
  const [word] = given
  if (word === undefined || given.length > 1) {
    wrongKey(findings, document, ['files', path], {
      code: 'fileContent',
      message: `a file comes from one of template, file or content; here stands ${given.join(' and ') || 'none of them'}`,
    })
    return undefined
  }
  if (path.split('/').includes('..') || path.split('/').includes('.')) {
    wrongKey(findings, document, ['files', path], {
      code: 'badKey',
      message: 'the path of a file goes straight there, without . and ..',
    })
  }
  const text = raw[word] as string
  const found =
    word === 'content'
      ? {
          ok: true as const,
          ...inlineContent(reader.content, `${reader.packageName}/roles/${reader.name}.yaml`, text),
        }
      : await findContent(
          reader.content,
          { root: reader.root, packageName: reader.packageName, role: reader.name },
          word === 'template' ? 'templates' : 'files',
          text,
        )
  if (!found.ok) {
    wrongValue(findings, document, ['files', path, word], found.complaint)
    return undefined
  }
  if (word === 'template') checkTemplate(reader, path, found.ref, found.bytes, inputs)
  return {
    kind: word === 'template' ? 'template' : 'file',
    content: found.ref,
    mode: ((raw['mode'] as string | undefined) ?? '0644').padStart(4, '0'),
    owner: (raw['owner'] as string | undefined) ?? 'root',
    group: (raw['group'] as string | undefined) ?? 'root',
  }
}

function checkTemplate(
  reader: Reader,
  path: string,
  ref: ContentRef,
  bytes: Uint8Array,
  inputs: string[],
): void {
  const shown = join(reader.shown, ref.path.slice(ref.path.indexOf('/') + 1))
  const result = templateFaults(bytes, shown, inputs)
  if (result.ok)
    for (const { range, ...complaint } of result.faults)
      wrongText(reader.findings, result.source, range, complaint)
  else wrongValue(reader.findings, reader.document, ['files', path, 'template'], result.complaint)
}

async function readAction(
  reader: Reader,
  action: ActionName,
  raw: Json | undefined,
): Promise<ContentRef | undefined> {
  const { document, findings, content, root, packageName, name } = reader
  const found = isObject(raw)
    ? {
        ok: true as const,
        ...inlineContent(content, `${packageName}/roles/${name}.yaml#${action}`, raw['run'] as string),
      }
    : await findContent(content, { root, packageName, role: name }, 'scripts', raw as string)
  const complaint = found.ok ? scriptComplaint(found.ref.path, found.bytes) : found.complaint
  if (complaint === undefined && found.ok) return found.ref
  wrongValue(
    findings,
    document,
    isObject(raw) ? [action, 'run'] : [action],
    complaint ?? { code: '', message: '' },
  )
  return undefined
}

/**
 * Over what a run can notice: not where the role comes from, not its words for people, and not the places of its
 * scripts in the package, only their bytes. A new version of a package that brings the same role runs nothing.
 */
function digestOfRole(role: Omit<Role, 'digest'>): string {
  const { package: _package, summary: _summary, inputs, outputs, files, apply, check, remove, ...rest } = role
  const told = {
    ...rest,
    inputs: mapValues(inputs as never, (spec) => withoutWords(spec)),
    outputs: mapValues(outputs as never, (spec) => withoutWords(spec)),
    files: mapValues(files as never, (file) => ({
      ...file,
      content: (file['content'] as JsonObject)['digest'] as Json,
    })),
    apply: apply?.digest ?? null,
    check: check?.digest ?? null,
    remove: remove?.digest ?? null,
  }
  return digestOf(told as unknown as Json)
}

function withoutWords(spec: JsonObject): JsonObject {
  const {
    title: _title,
    description: _description,
    examples: _examples,
    $comment: _comment,
    ...schema
  } = spec['schema'] as JsonObject
  return { ...spec, schema }
}

function list(raw: Json | undefined): Json[] {
  return (raw as Json[] | undefined) ?? []
}

function mapValues<T>(raw: Json | undefined, read: (value: JsonObject, key: string) => T): Record<string, T> {
  return Object.fromEntries(
    Object.entries((raw ?? {}) as JsonObject).map(([key, value]) => [key, read(value as JsonObject, key)]),
  )
}
