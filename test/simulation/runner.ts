// The runner of a simulated process: the real one over the simulated network; what it measures is virtual time.
import type { Driver, Rendered } from '../../src/drivers/driver.ts'
import { scriptDriver } from '../../src/drivers/script.ts'
import type { Language } from '../../src/model/language.ts'
import type { NodeAddress } from '../../src/model/run.ts'
import { LocalRunner } from '../../src/runner/local-runner.ts'
import type { Report, Runner } from '../../src/runner/runner.ts'
import type { Host } from './hosts.ts'
import { expectedOrder } from './invariants.ts'
import type { Life } from './life.ts'
import type { Model } from './model.ts'
import { simulatedTransports } from './network.ts'
import type { Stage } from './stage.ts'

export interface RunnerSurroundings {
  stage: Stage
  model: Model
  language: Language
  /** Of all stories one and the same: what was rendered in one is not rendered again in the next. */
  render: (template: string, path: string, scope: Record<string, unknown>) => Rendered
  hostAt(address: NodeAddress): Host
  /** What scripts printed, as kept. */
  onTranscript(text: string): void
}

export interface RunnerCalls {
  life: Life
  blob(digest: string): Promise<Uint8Array | undefined>
  report(report: Report): void
}

export function makeRunner(around: RunnerSurroundings, calls: RunnerCalls): Runner {
  const { life } = calls
  const { stage, model, language } = around
  /** Of runs, and of contacts by their node. */
  const beganAt = new Map<string, number>()
  const real = new LocalRunner({
    siteDir: '',
    transports: simulatedTransports({
      stage,
      hostAt: (address) => around.hostAt(address),
      isAlive: () => life.alive,
      onDeath: (what) => life.onDeath(what),
    }),
    drivers: [timed(scriptDriver(), stage)],
    blob: async (digest) => (life.alive ? calls.blob(digest) : undefined),
    render: around.render,
    schema: (schema) => language.schema(schema),
    openTranscript: async () => ({
      writeFile: async (bytes) => around.onTranscript(Buffer.from(bytes).toString()),
      close: async () => {},
    }),
    // It is counted in time as it is.
    limits: { silentAfterMs: 2 ** 31 - 1 },
    events: {
      report: (told) => {
        if (life.alive) calls.report(withTime(told, stage.time.elapsed, beganAt))
      },
      notice: (node, message) => stage.tell(`notice ${node}: ${message}`),
    },
  })
  return {
    start(order) {
      expectedOrder({ stage, model }, order)
      beganAt.set(order.run, stage.time.elapsed)
      if (life.alive) real.start(order)
    },
    check(order) {
      if (life.alive) real.check(order)
    },
    contact(node) {
      beganAt.set(node.name, stage.time.elapsed)
      if (life.alive) real.contact(node)
    },
    cancel: (run) => real.cancel(run),
    async close() {
      if (life.alive) await real.close()
    },
  }
}

function timed(driver: Driver, { time }: Stage): Driver {
  return {
    kind: driver.kind,
    async carryOut(order, session, surroundings) {
      const from = time.elapsed
      const outcome = await driver.carryOut(order, session, surroundings)
      return { ...outcome, durationMs: time.elapsed - from }
    },
    check: (order, session, surroundings) => driver.check(order, session, surroundings),
  }
}

function withTime(report: Report, now: number, beganAt: ReadonlyMap<string, number>): Report {
  if (report.kind === 'reportCheck') return { ...report, outcome: { ...report.outcome, durationMs: 0 } }
  if (report.kind === 'reportContact') {
    const { outcome } = report
    if (outcome.result !== 'reached') return report
    return { ...report, outcome: { ...outcome, durationMs: now - (beganAt.get(report.node) ?? now) } }
  }
  if (report.kind !== 'reportRun') return report
  const durationMs = now - (beganAt.get(report.run) ?? now)
  return { ...report, outcome: { ...report.outcome, durationMs } }
}
