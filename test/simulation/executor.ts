// The executor of a simulated process: ad-hoc commands take their time on hosts that answer, and change nothing there.
import type { Executor } from '../../src/runner/executor.ts'
import type { Life } from './life.ts'
import type { RunnerSurroundings } from './runner.ts'

export function executor(around: RunnerSurroundings, life: Life): Executor {
  return {
    async carryOut({ node }, signal) {
      const host = around.hostAt(node)
      const durationMs = host.latency() * 50
      await Promise.race([around.stage.time.sleep(durationMs), aborted(signal)])
      // Who is dead hears nothing more.
      if (!life.alive) return new Promise(() => {})
      if (signal.aborted)
        return { result: 'fault', fault: { code: 'cancelled', message: 'it was ended' }, durationMs: 0 }
      if (host.power === 'up' && !host.cut.to && !host.cut.from)
        return { result: 'done', exit: 0, durationMs }
      const fault = { code: 'unreachable', message: `${node.name} does not answer` } as const
      return { result: 'fault', fault, durationMs }
    },
    close: async () => {},
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
