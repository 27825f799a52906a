// The transcript of a command on one node, in the site's directory, whoever carries the command out.
import type { ExecEnd, ExecWork } from '../model/exec.ts'
import { TranscriptWriter } from './transcript.ts'

const MOST_BYTES = 100 * 1024 * 1024

export interface ExecTranscript {
  /** A promise while the disk is behind. */
  add: TranscriptWriter['add']
  end(outcome: ExecEnd): Promise<void>
}

/** By exec and node. `notice`: what the disk says of it. */
export function execTranscript(
  siteDir: string,
  { exec, node: { name }, argv }: ExecWork,
  notice: (message: string) => void,
): ExecTranscript {
  const transcript = new TranscriptWriter({
    siteDir,
    run: `${exec}-${name}`,
    mostBytes: MOST_BYTES,
    onFault: notice,
  })
  transcript.note(`${exec} on ${name}: ${JSON.stringify(argv)}`)
  return {
    add: (stream, bytes) => transcript.add(stream, bytes),
    end: (outcome) =>
      transcript.end(
        outcome.result === 'done'
          ? `exit ${outcome.exit}`
          : `${outcome.fault.code}: ${outcome.fault.message}`,
      ),
  }
}
