// Reads what stands on disk below a directory: bounded, regular files only, never outside that directory.
import { constants } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { nearest } from '../base/nearest.ts'
import type { Looks } from './looks.ts'
import type { Complaint, Source } from './source.ts'

const MAX_YAML_BYTES = 16 * 1024 * 1024
export const MAX_CONTENT_BYTES = 32 * 1024 * 1024

export type Read<T> = { ok: true; value: T } | { ok: false; complaint: Complaint }

/** `file` is what people see; `path` is where it is. */
export async function readSource(path: string, file: string, looks?: Looks): Promise<Read<Source>> {
  const bytes = await readBytes(path, file, MAX_YAML_BYTES, looks)
  if (!bytes.ok) return bytes
  const text = decodeText(bytes.value)
  return text.ok ? { ok: true, value: { file, text: text.value } } : text
}

export async function readBytes(
  path: string,
  file: string,
  limit: number,
  looks?: Looks,
): Promise<Read<Uint8Array>> {
  let handle
  try {
    // Not blocking: opening a pipe that nobody writes to would wait for ever.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const { size, ...kind } = await handle
      .stat()
      .then((found) => ({ size: found.size, regular: found.isFile() }))
    if (!kind.regular) return no('notAFile', `${file} is not a regular file`)
    if (size > limit) return no('tooLarge', `${file} has ${size} bytes; ${limit} are allowed`)
    const value = new Uint8Array(await handle.readFile())
    looks?.bytes(path, value)
    return { ok: true, value }
  } catch (error) {
    return unreadable(error as NodeJS.ErrnoException, path, file)
  } finally {
    await handle?.close()
  }
}

export function decodeText(bytes: Uint8Array): Read<string> {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return no('notUtf8', 'the file is UTF-16', 'save it as UTF-8')
  }
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    const line = new TextDecoder().decode(bytes).split('\ufffd')[0]?.split('\n').length ?? 1
    return no(
      'notUtf8',
      `the file is not UTF-8: line ${line} holds bytes that no character has`,
      'save it as UTF-8',
    )
  }
}

/** The real path of a file below a root; `outside` when it leads out of the root, by `..` or by a symbolic link. */
export async function findBelow(
  root: string,
  path: string,
  looks?: Looks,
): Promise<{ file: string } | 'outside' | undefined> {
  looks?.place(root)
  looks?.place(join(root, path))
  try {
    const [realRoot, realFile] = await Promise.all([realpath(root), realpath(join(root, path))])
    if (realFile !== realRoot && !realFile.startsWith(realRoot + sep)) return 'outside'
    return (await stat(realFile)).isDirectory() ? undefined : { file: realFile }
  } catch {
    return undefined
  }
}

/** All files below a directory, as relative paths with `/`; at most a few thousand, for suggestions. */
export async function filesBelow(root: string, limit = 2_000): Promise<string[]> {
  const found: string[] = []
  const directories = [root]
  for (let at = 0; at < directories.length && found.length < limit; at++) {
    const directory = directories[at] as string
    for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
      const path = join(directory, entry.name)
      if (entry.isDirectory() && directories.length < limit) directories.push(path)
      if (entry.isFile()) found.push(relative(root, path).split(sep).join('/'))
    }
  }
  return found
}

async function unreadable(error: NodeJS.ErrnoException, path: string, file: string): Promise<Read<never>> {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
    const near = nearest(basename(path), await readdir(dirname(path)).catch(() => []))
    return no('fileNotThere', `${file} is not there`, near && `did you mean ${near}?`)
  }
  if (error.code === 'EACCES') return no('unreadable', `${file} may not be read by this user`)
  if (error.code === 'EISDIR') return no('notAFile', `${file} is a directory`)
  if (error.code === 'ELOOP') return no('unreadable', `${file} is a symbolic link that leads back to itself`)
  return no('unreadable', `${file} cannot be read: ${error.message}`)
}

function no(code: string, message: string, advice?: string): Read<never> {
  return { ok: false, complaint: { code, message, advice } }
}
