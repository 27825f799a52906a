// Exec: an ad-hoc command over a selection of nodes, so many at a time, with its beginning and its ends in the journal.
import { nodesMeant, viewExec } from '../annealer/execs.ts'
import type { NodeRecord, World } from '../annealer/world.ts'
import { assert } from '../base/assert.ts'
import type { ExecOutcome, ExecView } from '../model/exec.ts'
import type { ExecRequest } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { NodeFault } from '../model/run.ts'
import type { Executor } from '../runner/executor.ts'
import type { Engine } from './engine.ts'

export interface ExecParts {
  world: World
  engine: Engine
  makeExecutor(notice: (node: string, message: string) => void): Promise<Executor>
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

  async function onNode(id: string, { name, spec }: NodeRecord): Promise<void> {
    const outcome: Exclude<ExecOutcome, { result: 'lost' }> = spec.runner
      ? { result: 'fault', fault: notFromHere(name), durationMs: 0 }
      : await executor.carryOut(
          {
            exec: id,
            node: { name, transport: spec.transport },
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

/** A command goes out from here, and here is no way to that node. */
function notFromHere(node: string): NodeFault {
  const message = `${node} is reached by a runner elsewhere, and a command goes out from here`
  return { code: 'notHandedOut', message }
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
