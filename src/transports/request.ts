// Writes one piece of work as the lines and bulk that the far-end loop reads; what cannot be said is refused here.
import type { Work, WorkFile } from '../model/work.ts'
import { isShort, linesOf, plainShellOf, textOf } from './script-text.ts'

/** `contentBytes`: of scripts and files, among all that is sent. */
export type Request =
  | { ok: true; ahead: Buffer[]; chunks: Buffer[]; contentBytes: number }
  | { ok: false; message: string }

/** Longer inputs travel as bulk: the loop reads lines byte by byte. */
const LONGEST_INPUTS_LINE = 8 * 1024
/** Files of so many bytes together are sent without being asked for: a round trip costs more. */
const ALONG_MOST = 4 * 1024
/** More is not copied for it. */
const PIECE_MOST = 64 * 1024

export interface Sent {
  seq: number
  ahead: Buffer[]
  chunks: Buffer[]
}

/**
 * One request as it is; several as one message, which the far end takes in as a whole before it begins with the first:
 * scripts that it has to keep, then lines.
 */
export function messageOf(requests: readonly Sent[]): Buffer[] {
  const [only, ...others] = requests
  if (only !== undefined && only.ahead.length === 0 && others.length === 0) return only.chunks
  const lines = Buffer.concat([...requests.flatMap(({ chunks }) => chunks), Buffer.from('all\n')])
  const head = `\nlooks ${requests[0]?.seq} ${requests.at(-1)?.seq} ${lines.length}\n`
  return [...requests.flatMap(({ ahead }) => ahead), Buffer.from(head), lines]
}

/** Each piece that is written wakes an ssh and is a packet of its own, so little goes together. */
export function inPieces(message: readonly Uint8Array[]): Uint8Array[] {
  const length = message.reduce((sum, bytes) => sum + bytes.length, 0)
  return length <= PIECE_MOST ? [Buffer.concat(message)] : [...message]
}

/** What writes may ask for bytes in between, and inputs that hold a newline are no line. */
export function mayBeTogether({ filesMode, inputs }: Work): boolean {
  return filesMode !== 'write' && !inputs.includes('\n')
}

export interface RequestOptions {
  seq: number
  /** Whether the far end has this script in its cache. */
  hasScript(id: string): boolean
  /** Whether it was put in its place over there before, and may stand there still. */
  isPlaced: (file: WorkFile) => boolean
  /** It is one of several, which are lines alone: its script goes ahead of them. */
  isOneOfMany: boolean
}

export function requestOf(work: Work, options: RequestOptions): Request {
  const problem = problemOf(work)
  if (problem !== undefined) return { ok: false, message: problem }
  // The leading newline ends whatever a watcher over there may have read half of.
  const ahead: Buffer[] = []
  const chunks: Buffer[] = [Buffer.from(`\nrun ${options.seq} ${work.filesMode}\n`)]
  let contentBytes = 0
  const say = (text: string) => chunks.push(Buffer.from(text))
  for (const [name, value] of Object.entries(work.env)) say(`v ${name}=${value.replaceAll('\n', '\n+ ')}\n`)
  for (const file of work.files) {
    say(`f ${file.digest} ${modeOf(file)} ${file.owner} ${file.group} ${file.path}\n`)
  }
  if (work.script !== undefined) {
    const id = scriptId(work.script)
    const { bytes } = work.script
    const isNew = !options.hasScript(id)
    const text = isNew || options.isOneOfMany ? textOf(bytes) : undefined
    say(`x ${id}\n`)
    const shell = options.isOneOfMany && text !== undefined ? plainShellOf(text) : undefined
    if (shell !== undefined) say(`p ${shell}\n`)
    if (isNew) {
      if (text !== undefined && isShort(text, options.isOneOfMany)) say(linesOf(text))
      else if (options.isOneOfMany) ahead.push(Buffer.from(`\nkeep ${id} ${bytes.length}\n`), asBuffer(bytes))
      else bulk('script', bytes)
      contentBytes += bytes.length
    }
    if (options.isOneOfMany) say(`j ${work.inputs}\n`)
    else if (work.inputs.length <= LONGEST_INPUTS_LINE && !work.inputs.includes('\n'))
      say(`j ${work.inputs}\n`)
    else bulk('inputs', Buffer.from(work.inputs))
  }
  const along = comesAlong(work, options)
  if (along.length > 0) say('along\n')
  say('go\n')
  for (const file of along) {
    const { bytes } = file
    say(`give ${work.files.indexOf(file)} ${bytes.length}\n`)
    contentBytes += bytes.length
    chunks.push(asBuffer(bytes))
  }
  if (along.length > 0) say('given\n')
  return { ok: true, ahead, chunks, contentBytes }

  function bulk(what: string, bytes: Uint8Array): void {
    say(`b ${what} ${bytes.length}\n`)
    chunks.push(asBuffer(bytes))
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** What the far end will most probably ask for is given at once, where it is little. */
function comesAlong({ files, filesMode }: Work, { isPlaced }: Pick<RequestOptions, 'isPlaced'>): WorkFile[] {
  if (filesMode !== 'write') return []
  const unknown = files.filter((file) => !isPlaced(file))
  return unknown.reduce((sum, { bytes }) => sum + bytes.length, 0) <= ALONG_MOST ? unknown : []
}

/** Digest and name as the far end's cache has them. Half a SHA-256 keeps paths readable in messages of shells. */
export function scriptId(script: { digest: string; name: string }): string {
  return `${script.digest.slice(0, 32)} ${script.name.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^[.-]/, '_') || 'script'}`
}

function modeOf(file: WorkFile): string {
  return Number.parseInt(file.mode, 8).toString(8)
}

function problemOf(work: Work): string | undefined {
  for (const [name, value] of Object.entries(work.env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      return `${JSON.stringify(name)} cannot be the name of a variable`
    if (value.includes('\0'))
      return `the value of ${name} holds a NUL character, which no environment variable can carry`
  }
  if (work.inputs.includes('\0')) return 'the inputs hold a NUL character'
  for (const file of work.files) {
    const shown = JSON.stringify(file.path)
    // oxlint-disable-next-line no-control-regex -- such a path would break the lines that carry it
    if (!/^\/[^\u0000-\u001f\u007f\\]*[^/\u0000-\u001f\u007f\\]$/.test(file.path)) {
      return `${shown} cannot be the path of a file: expected an absolute path without control characters or backslashes`
    }
    if (!/^[0-7]{1,5}$/.test(file.mode))
      return `the mode ${JSON.stringify(file.mode)} of ${shown} is not octal, e.g. 0644`
    for (const who of [file.owner, file.group]) {
      if (!/^[A-Za-z0-9_][A-Za-z0-9_.@$-]*$/.test(who)) {
        return `${JSON.stringify(who)} cannot be the owner or group of ${shown}: expected a name or a number`
      }
    }
    if (!/^[0-9a-f]{64}$/.test(file.digest)) return `the digest of ${shown} is not SHA-256 in hex`
  }
  return undefined
}
