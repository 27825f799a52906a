// What reading a site finds on its way: faults that stop it, warnings that do not, each at its place.
import type { Fault } from '../model/fault.ts'
import { REFERENCE_SHAPE } from '../model/secret-reference.ts'
import type { KnownToFit } from './known-to-fit.ts'
import type { Looks } from './looks.ts'
import type { Problem } from './problems.ts'
import { type Complaint, faultAt, faultInFile, type Range, type Source } from './source.ts'
import type { YamlDocument } from './yaml.ts'

export interface Findings {
  faults: Fault[]
  warnings: Fault[]
  /** Documents that were read, by their paths. */
  files: string[]
  /** Where it is remembered which documents fit. */
  known?: KnownToFit
  /** All that was looked at on disk, where somebody wants to know. */
  looks?: Looks
}

/** Beyond so many one mistake has been made often; the rest is counted only. */
const MAX_FAULTS = 200

export function makeFindings(known?: KnownToFit, looks?: Looks): Findings {
  return { faults: [], warnings: [], files: [], ...(known && { known }), ...(looks && { looks }) }
}

/** A fault at the value that stands at a path; at its key where it is a mapping or a list. */
export function wrongValue(
  findings: Findings,
  document: YamlDocument,
  path: readonly string[],
  complaint: Complaint,
): void {
  add(findings.faults, () => faultAt(document.source, document.locate(path, 'value'), complaint))
}

export function wrongKey(
  findings: Findings,
  document: YamlDocument,
  path: readonly string[],
  complaint: Complaint,
): void {
  add(findings.faults, () => faultAt(document.source, document.locate(path, 'key'), complaint))
}

/** At a part of a string value: for expressions. */
export function wrongInside(
  findings: Findings,
  document: YamlDocument,
  path: readonly string[],
  part: Range,
  complaint: Complaint,
): void {
  add(findings.faults, () => faultAt(document.source, document.locateInside(path, part), complaint))
}

export function wrongFile(findings: Findings, file: string, complaint: Complaint): void {
  add(findings.faults, () => faultInFile(file, complaint))
}

export function wrongText(findings: Findings, source: Source, range: Range, complaint: Complaint): void {
  add(findings.faults, () => faultAt(source, range, complaint))
}

export function warn(
  findings: Findings,
  document: YamlDocument,
  path: readonly string[],
  complaint: Complaint,
): void {
  add(findings.warnings, () => faultAt(document.source, document.locate(path, 'value'), complaint))
}

/** Of a part of a string value: for expressions. */
export function warnInside(
  findings: Findings,
  document: YamlDocument,
  path: readonly string[],
  part: Range,
  complaint: Complaint,
): void {
  add(findings.warnings, () => faultAt(document.source, document.locateInside(path, part), complaint))
}

/** What a schema found wrong in the value at a path. */
export function wrongBySchema(
  findings: Findings,
  document: YamlDocument,
  at: readonly string[],
  problems: readonly Problem[],
): void {
  for (const { code, path, key, message, advice, quotable, secret } of problems) {
    const whole = [...at, ...path, ...(key === undefined || code === 'missingKey' ? [] : [key])]
    const place = code === 'unknownKey' || code === 'badKey' ? wrongKey : wrongValue
    const quoted = quotable === true ? `quote it: "${asWritten(document, whole)}"` : undefined
    // Without its line, the message alone must say what it is about.
    const told = secret === true ? `${at.at(-1)} is sensitive and not shown: ${message}` : message
    // A default is of who writes the role, and references are for operators.
    const mayRefer = secret === true && code === 'wrongType' && at.at(-1) !== 'default'
    const kept = mayRefer ? `${KEPT_ELSEWHERE} ${REFERENCE_SHAPE}` : undefined
    place(findings, document, whole, { code, message: told, advice: advice ?? quoted ?? kept, secret })
  }
}

const KEPT_ELSEWHERE = 'a secret that is kept elsewhere is given as'

/** YAML reads 0640 as 640 and 1.10 as 1.1: the advice shows what the writer wrote. */
function asWritten(document: YamlDocument, path: readonly string[]): string {
  const { start, end } = document.locate(path, 'value')
  return document.source.text.slice(start, end)
}

/** In the order of files as first met, then of lines; each once. */
export function sorted(faults: readonly Fault[]): Fault[] {
  const files = [...new Set(faults.map((fault) => fault.file))]
  const once = new Map(
    faults.map((fault) => [`${fault.file}:${fault.line}:${fault.column}:${fault.message}`, fault]),
  )
  return [...once.values()].sort(
    (one, other) =>
      files.indexOf(one.file) - files.indexOf(other.file) ||
      one.line - other.line ||
      one.column - other.column,
  )
}

function add(faults: Fault[], make: () => Fault): void {
  if (faults.length < MAX_FAULTS) faults.push(make())
}
