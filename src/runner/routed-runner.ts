// Sends work where it belongs: what is for a runner elsewhere to the desk, all else to the runner in this process.
import type { Runner } from './runner.ts'

export function routedRunner(here: Runner, elsewhere: Runner): Runner {
  return {
    start: (order) => (order.node?.runner ? elsewhere : here).start(order),
    cancel(run) {
      here.cancel(run)
      elsewhere.cancel(run)
    },
    check: (order) => (order.node.runner ? elsewhere : here).check(order),
    contact: (node) => (node.runner ? elsewhere : here).contact(node),
    async close() {
      await elsewhere.close()
      await here.close()
    },
  }
}
