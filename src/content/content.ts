// The scripts, templates and files of packages: found by one rule, read once, kept by digest.
import { digestOfBytes } from '../base/digest.ts'
import { nearest } from '../base/nearest.ts'
import type { ContentRef } from '../model/role.ts'
import { filesBelow, findBelow, MAX_CONTENT_BYTES, readBytes } from './files.ts'
import type { Looks } from './looks.ts'
import type { Complaint } from './source.ts'

export type ContentKind = 'scripts' | 'templates' | 'files'

export interface Content {
  /** Every piece that a role refers to, by digest. */
  bytes: Map<string, Uint8Array>
  looks?: Looks
}

export type Found = { ok: true; ref: ContentRef; bytes: Uint8Array } | { ok: false; complaint: Complaint }

/**
 * The rule: the first of `roles/<role>/PATH`, then `scripts/PATH` (`templates/`, `files/` by what is asked for), then
 * `PATH` from the package's root, that is a file. Nothing outside the package is ever read.
 */
export async function findContent(
  content: Content,
  at: { root: string; packageName: string; role: string },
  kind: ContentKind,
  path: string,
): Promise<Found> {
  if (path.startsWith('/') || path.split('/').includes('..') || path.includes('\0') || path.includes('\\')) {
    return no(
      'outsidePackage',
      `${JSON.stringify(path)} leads out of the package`,
      'paths are relative, with / and without ..',
    )
  }
  for (const place of [`roles/${at.role}/${path}`, `${kind}/${path}`, path]) {
    const found = await findBelow(at.root, place, content.looks)
    if (found === 'outside') {
      return no(
        'outsidePackage',
        `${place} is a symbolic link that leads out of the package`,
        'put the file itself into the package',
      )
    }
    if (found === undefined) continue
    const shown = `${at.packageName}/${place}`
    const read = await readBytes(found.file, shown, MAX_CONTENT_BYTES, content.looks)
    return read.ok ? { ok: true, ref: keep(content, shown, read.value), bytes: read.value } : read
  }
  const near = await nearestFile(at.root, path)
  return no(
    'fileNotThere',
    `${path} is not there: looked for roles/${at.role}/${path}, ${kind}/${path} and ${path} in the package`,
    near && `did you mean ${near}?`,
  )
}

/** Text that stands in the role's own file. */
export function inlineContent(
  content: Content,
  path: string,
  text: string,
): { ref: ContentRef; bytes: Uint8Array } {
  const bytes = new TextEncoder().encode(text)
  return { ref: keep(content, path, bytes), bytes }
}

function keep(content: Content, path: string, bytes: Uint8Array): ContentRef {
  const digest = digestOfBytes(bytes)
  content.bytes.set(digest, bytes)
  return { path, digest }
}

async function nearestFile(root: string, path: string): Promise<string | undefined> {
  const files = await filesBelow(root)
  const names = new Map(files.map((file) => [file.slice(file.lastIndexOf('/') + 1), file]))
  const wanted = path.slice(path.lastIndexOf('/') + 1)
  const near = nearest(wanted, names.keys()) ?? nearest(path, files)
  return near === undefined ? undefined : (names.get(near) ?? near)
}

/** What keeps bytes from being a script that a machine can run, or undefined. */
export function scriptComplaint(path: string, bytes: Uint8Array): Complaint | undefined {
  if (bytes.length === 0) return { code: 'notAScript', message: `${path} is empty` }
  if (bytes.includes(0)) {
    return {
      code: 'notAScript',
      message: `${path} is not text: it holds a NUL byte`,
      advice: 'a script is text; put a program under files: and call it from a script',
    }
  }
  const firstLine = new TextDecoder().decode(bytes.subarray(0, 256)).split('\n')[0] ?? ''
  if (firstLine.endsWith('\r')) {
    return {
      code: 'notAScript',
      message: `${path} has Windows line ends; its interpreter would be looked for with a carriage return in its name`,
      advice: 'save it with line feeds only',
    }
  }
  return undefined
}

function no(code: string, message: string, advice?: string): Found {
  return { ok: false, complaint: { code, message, advice } }
}
