// A worker of the queue engine alone: fetches jobs in batches and completes them, until there are none. It says when it is ready, and starts when told.
import { PgBoss } from 'pg-boss'
import { OUTCOME, QUEUE, queueAt } from './queue.ts'

const [address = '', batch = '64'] = process.argv.slice(2)
const boss: PgBoss = queueAt(address)
await boss.start()
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
for (;;) {
  const jobs = await boss.fetch(QUEUE, { batchSize: Number(batch) })
  if (jobs.length === 0) break
  await boss.complete(
    QUEUE,
    jobs.map(({ id }) => id),
    OUTCOME,
  )
}
process.stdout.write('done\n')
// Its time is read from outside first.
await new Promise((resolve) => process.stdin.once('data', resolve))
await boss.stop({ graceful: false })
process.exit(0)
