// `anneal logs [RUN | TARGET]`: what a run printed; the latest run when none is named.
import type { Operations } from '../../model/operations.ts'
import { type Answer, answer } from '../../model/refusal.ts'
import type { RunId } from '../../model/run.ts'
import type { RunView } from '../../model/view.ts'
import type { Door, SiteFlags } from '../door.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { finishLine, startLine } from '../run-text.ts'
import { fileSource, printTranscript, type TranscriptSource } from '../transcript.ts'

export type LogsFlags = SiteFlags & {
  raw: boolean
  follow: boolean
}

export default async function logs(door: Door, flags: LogsFlags, which?: string): Promise<ExitCode> {
  return door.reading(flags, async (operations, directory) => {
    const found = await findRun(operations, which)
    if (!found.ok) return door.refuse(found.refusal, flags.json)
    const run = found.value
    if (run === undefined) return noRun(door, flags, which)
    if (!flags.json && !flags.raw) door.talk([run.result === 'running' ? startLine(run) : finishLine(run)])
    const source =
      operations.log === undefined
        ? answer(await fileSource(door.world.transcriptPath(directory, run.run)))
        : await servedSource(operations, run.run)
    if (!source.ok) return door.refuse(source.refusal, flags.json)
    const isOver = async (): Promise<boolean> => {
      const again = await operations.runs({ run: run.run, limit: 1 })
      return !again.ok || again.value[0]?.result !== 'running'
    }
    return printTranscript(door, {
      source: source.value,
      run,
      raw: flags.raw,
      json: flags.json,
      ...(flags.follow ? { isOver } : {}),
    })
  })
}

/** What was read to find out whether there is any is not read again. */
async function servedSource(
  operations: Operations,
  run: RunId,
): Promise<Answer<TranscriptSource | undefined>> {
  const read = async (from: number): Promise<Answer<Uint8Array>> =>
    (await operations.log?.(run, from)) ?? answer(new Uint8Array())
  const first = await read(0)
  if (!first.ok) return first.refusal.code === 'nothingThere' ? answer(undefined) : first
  let known: typeof first | undefined = first
  return answer({
    async read(from) {
      const told = known ?? (await read(from))
      known = undefined
      // It was cleared away meanwhile, or the server has gone: what came is all there is.
      return told.ok ? told.value : new Uint8Array()
    },
    close: async () => {},
  })
}

async function findRun(
  operations: Operations,
  which: string | undefined,
): Promise<
  { ok: true; value: RunView | undefined } | Extract<Awaited<ReturnType<Operations['runs']>>, { ok: false }>
> {
  const found = await operations.runs(filterOf(which))
  if (!found.ok) return found
  const newest = found.value.reduce<RunView | undefined>(later, undefined)
  return { ok: true, value: newest }
}

function filterOf(which: string | undefined): Parameters<Operations['runs']>[0] {
  if (which === undefined) return { limit: 1 }
  return /^run-\d+$/.test(which) ? { run: which, limit: 1 } : { target: which, limit: 1 }
}

function later(best: RunView | undefined, run: RunView): RunView {
  return best === undefined || run.startedAt > best.startedAt ? run : best
}

function noRun(door: Door, flags: LogsFlags, which: string | undefined): ExitCode {
  if (which === undefined) {
    door.talk([['nothing ran yet']])
    return EXIT.ok
  }
  return door.fail(`there is no run of ${which}`, 'anneal runs lists the latest', flags.json)
}
