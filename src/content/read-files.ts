// Reads the files and actions of a role: finds their bytes and looks whether they can be used.
import { join } from 'node:path'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { ActionName, ContentRef, FileSpec } from '../model/role.ts'
import { type ContentKind, findContent, type Found, inlineContent, scriptComplaint } from './content.ts'
import { warn, wrongKey, wrongText, wrongValue } from './findings.ts'
import type { RoleReader } from './role-reader.ts'
import { templateFaults } from './template.ts'

/** `inputs`: the names that a template may read. */
export async function readFile(
  reader: RoleReader,
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
  if (path.split('/').some((part) => part === '.' || part === '..')) {
    wrongKey(findings, document, ['files', path], {
      code: 'badKey',
      message: 'the path of a file goes straight there, without . and ..',
    })
  }
  const text = raw[word] as string
  const found = word === 'content' ? inline(reader, text, '') : await find(reader, KINDS[word], text)
  if (!found.ok) {
    wrongValue(findings, document, ['files', path, word], found.complaint)
    return undefined
  }
  if (word === 'content' && MEANT_AS_TEMPLATE.test(text))
    warn(findings, document, ['files', path, word], {
      code: 'contentIsText',
      message: 'content is written as it stands here, with its braces',
      advice: 'where values are to stand in it, put it into a file of templates/ and say template: NAME',
    })
  if (word === 'template') checkTemplate(reader, path, found, inputs)
  return {
    kind: word === 'template' ? 'template' : 'file',
    content: found.ref,
    mode: ((raw['mode'] as string | undefined) ?? '0644').padStart(4, '0'),
    owner: (raw['owner'] as string | undefined) ?? 'root',
    group: (raw['group'] as string | undefined) ?? 'root',
  }
}

const MEANT_AS_TEMPLATE = /\{\{-?\s*(inputs|node|deployment)\b/

const KINDS = { template: 'templates', file: 'files' } as const

export async function readAction(
  reader: RoleReader,
  action: ActionName,
  raw: Json,
): Promise<ContentRef | undefined> {
  const isInline = isObject(raw)
  const found = isInline
    ? inline(reader, raw['run'] as string, `#${action}`)
    : await find(reader, 'scripts', raw as string)
  const complaint = found.ok ? scriptComplaint(found.ref.path, found.bytes) : found.complaint
  if (complaint !== undefined) {
    wrongValue(reader.findings, reader.document, isInline ? [action, 'run'] : [action], complaint)
  }
  return found.ok ? found.ref : undefined
}

function find(reader: RoleReader, kind: ContentKind, path: string): Promise<Found> {
  const { content, root, packageName, name } = reader
  return findContent(content, { root, packageName, role: name }, kind, path)
}

function inline({ content, packageName, name }: RoleReader, text: string, part: string): Found {
  return { ok: true, ...inlineContent(content, `${packageName}/roles/${name}.yaml${part}`, text) }
}

function checkTemplate(
  { shown, findings, document }: RoleReader,
  path: string,
  { ref, bytes }: { ref: ContentRef; bytes: Uint8Array },
  inputs: string[],
): void {
  const format = { template: { inputs } }
  const text = Buffer.from(bytes).toString('latin1')
  if (findings.known?.has(format, text)) return
  const inPackage = ref.path.slice(ref.path.indexOf('/') + 1)
  const result = templateFaults(bytes, join(shown, inPackage), inputs)
  if (!result.ok) {
    wrongValue(findings, document, ['files', path, 'template'], result.complaint)
    return
  }
  if (result.faults.length === 0) findings.known?.add(format, text)
  for (const { range, ...complaint } of result.faults) wrongText(findings, result.source, range, complaint)
}
