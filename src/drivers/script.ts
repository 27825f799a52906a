// The script driver: renders a role's files, runs its script in one round trip and judges what came back.
import { unreachable } from '../base/assert.ts'
import { aspectWords } from '../model/drift-words.ts'
import type { RunOrder, RunOutcome } from '../model/run.ts'
import type { Session, WorkResult } from '../model/work.ts'
import type { Driver, Surroundings } from './driver.ts'
import { outputsFrom } from './outputs.ts'
import { checkScripts } from './script-check.ts'
import { exitMessage, prepare, redacted, secretsOf } from './script-work.ts'

export function scriptDriver(): Driver {
  return { kind: 'script', carryOut, check: checkScripts }
}

async function carryOut(order: RunOrder, session: Session, surroundings: Surroundings): Promise<RunOutcome> {
  const startedAt = performance.now()
  const secrets = secretsOf(order)
  const failed = (
    message: string,
    more: { retry?: boolean; exit?: number; tail?: string } = {},
  ): RunOutcome => ({
    result: 'failed',
    message: redacted(message, secrets),
    tail: more.tail ?? '',
    retry: more.retry ?? false,
    ...(more.exit === undefined ? {} : { exit: more.exit }),
    durationMs: performance.now() - startedAt,
  })

  const filesMode = order.action === 'check' ? 'compare' : 'write'
  const prepared = await prepare(order, filesMode, surroundings, secrets)
  if (!prepared.ok) return failed(prepared.message)
  const { work, transcript } = prepared
  const result = await session.carryOut(work, surroundings.signal)
  await transcript.end()
  return outcomeOf(result)

  function outcomeOf(result: WorkResult): RunOutcome {
    const durationMs = performance.now() - startedAt
    switch (result.result) {
      case 'fault':
        return { result: 'fault', fault: result.fault, durationMs }
      case 'refused':
        return failed(result.message, { retry: result.retry })
      case 'done': {
        const tail = transcript.tail.text()
        if (result.exit !== 0) {
          const message = exitMessage(work.script?.name, result.exit, transcript.tail.lastLine())
          return failed(message, { retry: true, exit: result.exit, tail })
        }
        const complete = order.action === 'apply'
        const told = outputsFrom(result.outputs, {
          specs: order.role.outputs,
          schema: (schema) => surroundings.schema(schema),
          complete,
        })
        if (!told.ok) return failed(told.message, { tail })
        if (order.action === 'check' && result.files.length > 0) {
          return failed(
            result.files.map(({ path, differs }) => `${path} ${aspectWords(differs)}`).join('; '),
            { tail, retry: false },
          )
        }
        const filesChanged = result.files.map((file) => file.path)
        return {
          result: 'ok',
          ...changedBy(told.changed, filesChanged),
          outputs: told.outputs,
          filesChanged,
          durationMs,
        }
      }
      default:
        return unreachable(result)
    }
  }
}

/** Where the script says nothing of it, files that were not as they are now say enough. */
function changedBy(told: boolean | undefined, files: readonly string[]): { changed?: boolean } {
  if (told !== undefined) return { changed: told }
  return files.length > 0 ? { changed: true } : {}
}
