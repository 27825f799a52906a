// Exec: an ad-hoc command over a selection of nodes, so many at a time, with its beginning and its ends in the journal.
import { addressOf } from '../annealer/due.ts'
import { nodesMeant, viewExec } from '../annealer/execs.ts'
import { whyUnasked } from '../annealer/runners.ts'
import type { NodeRecord, World } from '../annealer/world.ts'
import { assert } from '../base/assert.ts'
import type { ExecEnd, ExecView } from '../model/exec.ts'
import type { ExecRequest } from '../model/operations.ts'
import type { NoRunner } from '../model/reason.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { NodeFault } from '../model/run.ts'
import { noRunnerWords } from '../model/runner-words.ts'
import type { Executor } from '../runner/executor.ts'
import type { Engine } from './engine.ts'

export interface ExecParts {
  world: World
  engine: Engine
  makeExecutor(notice: (node: string, message: string) => void): Promise<Executor>
  /** Whether runners elsewhere can be asked. */
  served: boolean
}

export async function exec(parts: ExecParts, request: ExecRequest): Promise<Answer<ExecView>> {
  const { world, engine } = parts
  const { argv, become, by, why, selection, signal } = request
  const meant = nodesMeant(world, selection)
  if (!meant.ok) return meant
  const nodes = meant.value.map(({ name }) => name)
  const text = selection === 'all' ? 'all' : selection.text
  const told = why === undefined ? { by } : { by, why }
  const started = await engine.ask({ kind: 'startExec', argv, become, selection: text, nodes, ...told })
  if (!started.ok) return started
  const event = started.value.at(-1)
  assert(event?.kind === 'execStarted', 'an exec is answered with its event')
  request.onStart(event.exec, nodes)
  const executor = await parts.makeExecutor((node, message) => request.onNotice(node, message))
  try {
    await inParallel(meant.value, request.parallel, (node) => onNode(event.exec, node))
  } finally {
    await executor.close()
  }
  const record = world.execs.get(event.exec)
  assert(record, `${event.exec} was just carried out`)
  return engine.fault ? refuse(engine.fault) : answer(viewExec(record))

  async function onNode(id: string, node: NodeRecord): Promise<void> {
    const { name } = node
    const reason = whyUnasked(world, node, parts.served)
    const outcome: ExecEnd = reason
      ? { result: 'fault', fault: unasked(reason), durationMs: 0 }
      : await executor.carryOut(
          {
            exec: id,
            node: addressOf(node),
            argv,
            become,
            deadlineMs: request.deadlineMs,
            onOutput: (stream, bytes) => request.onOutput(name, stream, bytes),
          },
          signal,
        )
    await engine.ask({ kind: 'finishExec', exec: id, node: name, outcome })
    request.onEnd(name, outcome)
  }
}

function unasked(reason: NoRunner): NodeFault {
  return { code: 'notHandedOut', message: noRunnerWords(reason).says }
}

async function inParallel<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
}
