// Runner operations: who may carry out runs from elsewhere, asked of an engine that writes.
import { viewRunner, viewRunners } from '../annealer/runners.ts'
import { assert } from '../base/assert.ts'
import type { Command } from '../model/command.ts'
import { type Answer, answer } from '../model/refusal.ts'
import type { RunnerOperations, RunnerView } from '../model/runner.ts'
import type { AccessParts } from './access.ts'

export function runnerOperations({ ask, read }: Pick<AccessParts, 'ask' | 'read'>): RunnerOperations {
  return {
    list: () => read((world) => answer(viewRunners(world))),
    invite: (request) => told(request.runner, request.by, { kind: 'inviteRunner', ...request }),
    enrol: (runner, hash, key) =>
      told(runner, `runner:${runner}`, { kind: 'enrolRunner', runner, hash, key }),
    drain: (runner, by, why) => told(runner, by, said('drainRunner', runner, by, why)),
    resume: (runner, by, why) => told(runner, by, said('resumeRunner', runner, by, why)),
    revoke: (runner, by, why) => told(runner, by, said('revokeRunner', runner, by, why)),
  }

  async function told(runner: string, by: string, command: Command): Promise<Answer<RunnerView>> {
    const asked = await ask(by, command)
    if (!asked.ok) return asked
    return read((world) => {
      const record = world.runners.get(runner)
      assert(record, `the runner ${runner} was just written`)
      return answer(viewRunner(world, record))
    })
  }
}

function said(
  kind: 'drainRunner' | 'resumeRunner' | 'revokeRunner',
  runner: string,
  by: string,
  why: string | undefined,
): Command {
  return { kind, runner, by, ...(why === undefined ? {} : { why }) }
}
