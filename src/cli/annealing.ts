// One annealing from a command: the feed to its reporter, Ctrl-C to its signal, the result to lines and an exit code.
import type { AnnealRequest, UpResult } from '../model/operations.ts'
import type { Answer } from '../model/refusal.ts'
import type { Door } from './door.ts'
import { EXIT, EXIT_OF_OUTCOME, type ExitCode } from './exit-codes.ts'
import type { JsonLines } from './json-lines.ts'
import { jsonReporter, type Reporter, reporterFor } from './reporter.ts'
import { summaryLines } from './run-text.ts'
import { type Line, styled } from './text.ts'

export type AnnealFlags = {
  json: boolean
  plain: boolean
}

/** A Ctrl-C reaches us twice when a launcher passes it on; a person needs longer than this to mean it twice. */
export const SAME_INTERRUPT_MS = 100

/** `shown`: with a clock of its own, where what is shown has another time than we. */
export function annealing(
  door: Door,
  flags: AnnealFlags & { stay: boolean },
  kind: string,
  start: Start<UpResult | undefined>,
  shown: Door = door,
): Promise<ExitCode> {
  const endWith = (_door: Door, result: UpResult | undefined, json: JsonLines | undefined): ExitCode =>
    // Nothing was annealed here.
    result ? end(shown, result, json) : EXIT.ok
  return following(door, flags, kind, start, endWith, shown)
}

type Start<T> = (
  request: AnnealRequest,
  reporter: Reporter,
  json: JsonLines | undefined,
) => Promise<Answer<T>>

/** The same for whatever goes on under way and ends with something else. */
export async function following<T>(
  door: Door,
  flags: AnnealFlags & { stay: boolean },
  kind: string,
  start: Start<T>,
  endWith: (door: Door, result: T, json: JsonLines | undefined) => ExitCode,
  shown: Door = door,
): Promise<ExitCode> {
  const json = flags.json ? door.json(kind) : undefined
  const reporter = json === undefined ? reporterFor(shown, flags) : jsonReporter(json)
  const interrupt = listenForInterrupts(door, reporter)
  try {
    const request: AnnealRequest = {
      by: door.world.user,
      onFeed(feed) {
        interrupt.begun = true
        reporter.take(feed)
      },
      signal: interrupt.signal,
      stay: flags.stay,
    }
    const ended = await start(request, reporter, json)
    reporter.pause()
    if (!ended.ok) return door.refuse(ended.refusal, json ?? false)
    const code = endWith(door, ended.value, json)
    return code === EXIT.pending && interrupt.signal.aborted ? EXIT.interrupted : code
  } finally {
    reporter.pause()
    interrupt.stop()
  }
}

function end(door: Door, result: UpResult, json: JsonLines | undefined): ExitCode {
  if (json !== undefined) json.line('result', resultJson(result))
  else if (result.outcome !== 'declined') door.print(summaryLines(result, door.world.now(), door.width()))
  return EXIT_OF_OUTCOME[result.outcome]
}

/** What ran was told as it happened; what is not active is told with its reason. */
function resultJson({ outcome, runs, wallMs, status }: UpResult): object {
  const { nodeRoles, ...head } = status
  const counts = {
    runs: runs.length,
    changed: runs.filter((run) => run.changed === true).length,
    failed: runs.filter((run) => run.result !== 'ok' && run.result !== 'running').length,
  }
  return {
    outcome,
    ...counts,
    wallMs,
    status: head,
    problems: nodeRoles.filter(({ state }) => state !== 'active'),
  }
}

interface Interrupt {
  signal: AbortSignal
  /** Something is going on that an interrupt would stop; before, it only answers the question. */
  begun: boolean
  stop(): void
}

const STOPPING: Line = [
  styled('warn', 'stopping: '),
  'runs in flight finish, nothing new starts; Ctrl-C again ends at once',
]

const LEAVING: Line = [
  styled('warn', 'not followed any more: '),
  'the server goes on; anneal watch follows it, anneal pause keeps it from starting more',
]

/** The first one lets runs in flight finish; the second ends the process where it stands, and the journal brings it back. */
function listenForInterrupts(door: Door, reporter: Reporter): Interrupt {
  const { world } = door
  const controller = new AbortController()
  let heardAt: number | undefined
  const stop = world.onInterrupt(() => {
    if (heardAt !== undefined && world.now() - heardAt < SAME_INTERRUPT_MS) return
    reporter.pause()
    if (heardAt !== undefined) world.exit(EXIT.interrupted)
    heardAt = world.now()
    if (interrupt.begun) door.talk([door.server === undefined ? STOPPING : LEAVING])
    controller.abort()
  })
  const interrupt: Interrupt = { signal: controller.signal, begun: false, stop }
  return interrupt
}
