// What differs of one file, told to people: rights in words, content as a difference of lines that holds no secret.
import { isUtf8 } from 'node:buffer'
import type { CheckOrder, Difference } from '../model/drift.ts'
import { type FileChange, FOUND_MOST, type WorkFile } from '../model/work.ts'
import { redacted } from './script-work.ts'
import { lineDifference, type Side } from './line-difference.ts'

type FileDifference = Extract<Difference, { kind: 'file' }>

export function fileDifference(
  wanted: WorkFile,
  { path, differs, found }: FileChange,
  { shows, secrets }: { shows: CheckOrder['shows']; secrets: readonly Buffer[] },
): FileDifference {
  const difference: FileDifference = { kind: 'file', path, differs }
  const rights = found?.rights
  if (rights && differs.some((aspect) => aspect === 'mode' || aspect === 'owner' || aspect === 'group')) {
    difference.rights = {
      wanted: `${octal(wanted.mode)} ${wanted.owner}:${wanted.group}`,
      found: `${octal(rights.mode)} ${rights.owner}:${rights.group}`,
    }
  }
  if (differs.includes('link')) return { ...difference, untold: 'link' }
  const isAbsent = differs.includes('absent')
  if (!isAbsent && !differs.includes('content')) return difference
  const bytes = isAbsent ? new Uint8Array() : found?.bytes
  if (bytes === undefined) return { ...difference, untold: 'unreadable' }
  if (bytes.length > FOUND_MOST || wanted.bytes.length > FOUND_MOST) return { ...difference, untold: 'large' }
  if (!isText(bytes) || !isText(wanted.bytes)) return { ...difference, untold: 'binary' }
  const asWanted: Side = { name: 'wanted', text: textOf(wanted.bytes) }
  const asFound: Side = { name: isAbsent ? 'not there' : 'found', text: textOf(bytes) }
  const [before, after] = shows === 'drift' ? [asWanted, asFound] : [asFound, asWanted]
  const hide = (line: string): string => redacted(line, secrets)
  return { ...difference, diff: lineDifference(before, after, { hide, secretsOf: 'wanted' }) }
}

function octal(mode: string): string {
  return mode.replace(/^0*/, '').padStart(4, '0')
}

function isText(bytes: Uint8Array): boolean {
  return !bytes.includes(0) && isUtf8(bytes)
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
