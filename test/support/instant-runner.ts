// A runner whose machines do at once what they are told: for tests of what stands around the engine.
import type { JsonObject } from '../../src/base/json.ts'
import type { RunOrder, RunOutcome } from '../../src/model/run.ts'
import type { Report, Runner } from '../../src/runner/runner.ts'

export interface Instant {
  outcome?(order: RunOrder): RunOutcome | 'never'
  facts?(node: string): JsonObject
  /** Said of a node that is checked. */
  notice?(node: string): string
  /** Of one that is never done by itself: reports how it ended. */
  started?(report: (outcome: RunOutcome) => void): void
}

/** What is told in one go of the event loop is answered together in the next. */
export function instantRunner(
  report: (report: Report) => void,
  instant: Instant = {},
  notice: (node: string, message: string) => void = () => {},
): Runner {
  let told: Report[] = []
  const tell = (one: Report): void => {
    if (told.push(one) > 1) return
    setImmediate(() => {
      const all = told
      told = []
      for (const each of all) report(each)
    })
  }
  return {
    start(order) {
      const outcome = instant.outcome?.(order) ?? DONE
      const end = (ended: RunOutcome): void =>
        tell({ kind: 'reportRun', run: order.run, token: order.token, outcome: ended })
      if (outcome === 'never') instant.started?.(end)
      else end(outcome)
    },
    cancel() {},
    check(order) {
      const said = instant.notice?.(order.node.name)
      if (said !== undefined) notice(order.node.name, said)
      const findings = order.parts.map(({ nodeRole }) => ({ nodeRole, found: 'asAsked' as const }))
      const outcome = { result: 'done' as const, findings, durationMs: 1 }
      tell({ kind: 'reportCheck', check: order.check, token: order.token, node: order.node.name, outcome })
    },
    contact({ name }) {
      const facts = instant.facts?.(name) ?? { os: 'debian' }
      tell({ kind: 'reportContact', node: name, outcome: { result: 'reached', facts } })
    },
    async close() {},
  }
}

const DONE: RunOutcome = { result: 'ok', changed: true, outputs: {}, filesChanged: [], durationMs: 3 }
