// `anneal drift [TARGET...]`: looks for drift now, shows what differs, and with `--repair` applies that again.
import type { DriftReport, Feed } from '../../model/operations.ts'
import { type AnnealFlags, following } from '../annealing.ts'
import type { Door, SiteFlags } from '../door.ts'
import { driftEnd, driftLines } from '../drift-text.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { JsonLines } from '../json-lines.ts'

export type DriftFlags = SiteFlags & AnnealFlags & { repair: boolean }

export default async function drift(door: Door, flags: DriftFlags, ...targets: string[]): Promise<ExitCode> {
  const { repair } = flags
  return door.writing(flags, (operations) =>
    following(
      door,
      { ...flags, stay: false },
      'drift',
      (request) => {
        // Told at the end, with all that differs.
        const onFeed = (feed: Feed): void => void (feed.kind === 'drift' || request.onFeed(feed))
        return operations.drift({ ...request, targets, repair, onFeed })
      },
      end,
    ),
  )
}

function end(door: Door, report: DriftReport, json: JsonLines | undefined): ExitCode {
  if (json === undefined) door.print(driftLines(report, door.world.now()))
  else {
    for (const view of report.nodeRoles) json.line('finding', view)
    json.line('result', { runs: report.runs.length, wallMs: report.wallMs, interrupted: report.interrupted })
  }
  return report.interrupted ? EXIT.interrupted : driftEnd(report)
}
