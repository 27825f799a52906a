// Sends a command where it belongs: to the desk where its node is for a runner elsewhere, else out from this process.
import type { Executor } from './executor.ts'

export function routedExecutor(here: Executor, elsewhere: Executor): Executor {
  return {
    carryOut: (order, signal) => (order.node.runner ? elsewhere : here).carryOut(order, signal),
    async close() {
      await elsewhere.close()
      await here.close()
    },
  }
}
