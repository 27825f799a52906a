// The simulated driver: what comes of a run is a plain function's answer, and its time is the clock that was passed.
import type { Finding } from '../model/drift.ts'
import type { RunOrder, RunOutcome } from '../model/run.ts'
import type { Driver } from './driver.ts'

export interface SimulatedOptions {
  /** Seed it, and the same orders give the same story. */
  outcome(order: RunOrder): RunOutcome
  /** Passes the run's `durationMs`; rejects or resolves early when aborted. Absent: no time passes. */
  pass?(ms: number, signal: AbortSignal): Promise<void>
}

export function simulatedDriver(options: SimulatedOptions): Driver {
  return {
    kind: 'simulated',
    async carryOut(order, _session, { signal }) {
      const outcome = options.outcome(order)
      const late = outcome.durationMs > order.deadlineMs
      const durationMs = late ? order.deadlineMs : outcome.durationMs
      if (options.pass !== undefined) await options.pass(durationMs, signal).catch(() => {})
      if (signal.aborted)
        return { result: 'fault', fault: { code: 'cancelled', message: 'the run was cancelled' }, durationMs }
      if (late)
        return {
          result: 'fault',
          fault: { code: 'deadline', message: 'it was not done in time' },
          durationMs,
        }
      return outcome
    },
    async check({ check, token, node, parts }) {
      const findings = parts.map((part): Finding => {
        const outcome = options.outcome({ ...part, run: check, token, node, action: 'check' })
        const { nodeRole } = part
        if (outcome.result === 'ok') return { nodeRole, found: 'asAsked' }
        if (outcome.result === 'fault')
          return { nodeRole, found: 'unknown', message: outcome.fault.message, fault: outcome.fault }
        const { message, tail } = outcome
        return { nodeRole, found: 'drifted', differences: [{ kind: 'check', message, tail }] }
      })
      return { ok: true, findings }
    },
  }
}
