// Checks of the script driver: all of a node sent together, and what differs made readable.
import { matchesGlob } from '../base/glob.ts'
import type { CheckOrder, CheckPart, Difference, Finding } from '../model/drift.ts'
import { NODE_FAULTS, type NodeFault } from '../model/run.ts'
import type { FileChange, Session, Work, WorkFile, WorkResult } from '../model/work.ts'
import type { Checked, Surroundings } from './driver.ts'
import { fileDifference } from './file-difference.ts'
import { exitMessage, prepare, redacted, secretsOf, type Transcript } from './script-work.ts'

interface Ready {
  part: CheckPart
  secrets: readonly Buffer[]
  work: Work
  transcript: Transcript
}

export async function checkScripts(
  order: CheckOrder,
  session: Session,
  surroundings: Surroundings,
): Promise<Checked> {
  const findings: Finding[] = []
  const ready: Ready[] = []
  // Scripts that are looked with together may share the way on which they speak: each is kept from telling what any of them knows.
  const secrets = order.parts.flatMap((part) => secretsOf({ ...part, action: 'check' }))
  for (const part of order.parts) {
    const prepared = await prepare(
      { ...part, action: 'check', node: order.node },
      'show',
      surroundings,
      secrets,
    )
    if (prepared.ok) ready.push({ part, secrets, work: prepared.work, transcript: prepared.transcript })
    else findings.push(unknown(part, redacted(prepared.message, secrets)))
  }
  const results = await session.carryOutTogether(
    ready.map(({ work }) => work),
    surroundings.signal,
  )
  for (const [index, one] of ready.entries()) {
    await one.transcript.end()
    const result = results[index] as WorkResult
    if (result.result === 'fault' && isOfAll(result.fault)) return { ok: false, fault: result.fault }
    findings.push(findingOf(one, result, order.shows))
  }
  return { ok: true, findings }
}

/** What hit the connection or the node hit all parts of the check; a deadline is of one. */
function isOfAll({ code }: NodeFault): boolean {
  return NODE_FAULTS[code].nodeLost || ['connectionLost', 'cancelled', 'garbled', 'noSudo'].includes(code)
}

function findingOf(one: Ready, result: WorkResult, shows: CheckOrder['shows']): Finding {
  const { part, work, transcript, secrets } = one
  const { nodeRole } = part
  if (result.result === 'refused') return unknown(part, redacted(result.message, secrets))
  if (result.result === 'fault') return { ...unknown(part, result.fault.message), fault: result.fault }
  const { exit, files } = result
  const tail = transcript.tail.text()
  const said = exitMessage(work.script?.name, exit, transcript.tail.lastLine())
  if (exit > 128) return unknown(part, said)
  const differences: Difference[] = files
    .filter(({ path }) => !part.allow.some((glob) => matchesGlob(glob, path)))
    .map((change) => fileDifference(wantedOf(work, change), change, { shows, secrets }))
  if (exit !== 0) differences.push({ kind: 'check', message: said, tail })
  return differences.length === 0
    ? { nodeRole, found: 'asAsked' }
    : { nodeRole, found: 'drifted', differences }
}

/** The far end speaks of files by their place in the request, so that there is one. */
function wantedOf({ files }: Work, { path }: FileChange): WorkFile {
  return files.find((file) => file.path === path) as WorkFile
}

function unknown({ nodeRole }: CheckPart, message: string): Extract<Finding, { found: 'unknown' }> {
  return { nodeRole, found: 'unknown', message }
}
