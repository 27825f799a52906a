// The same number of jobs through the queue engine alone: fetched and completed by so many processes, over the same PostgreSQL.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { TestPostgres } from '../../test/support/postgres.ts'
import type { Sample } from '../harness/question.ts'
import type { Load } from './carried.ts'
import { familySeconds, processorSeconds } from './processor-time.ts'
import { QUEUE, queueAt } from './queue.ts'

const INSERTED_AT_ONCE = 1_000

/** `bytes`: of each job. Putting them in is not counted. */
export async function queued(
  postgres: TestPostgres,
  { nodes, roles, runners, slots }: Load,
  bytes: number,
): Promise<Sample> {
  const address = postgres.url().replace(/&schema=\w+/, '')
  const boss = queueAt(address)
  await boss.start()
  await boss.createQueue(QUEUE)
  const jobs = nodes * roles
  for (let put = 0; put < jobs; put += INSERTED_AT_ONCE) {
    const some = Math.min(INSERTED_AT_ONCE, jobs - put)
    const order = { order: 'x'.repeat(Math.max(0, bytes - 12)) }
    await boss.insert(
      QUEUE,
      Array.from({ length: some }, () => ({ data: order, retryLimit: 0 })),
    )
  }
  const workers = await Promise.all(Array.from({ length: runners }, () => workerAt(address, slots)))
  try {
    const cpuOf = (): { workers: number; PostgreSQL: number } => ({
      workers: workers.reduce((sum, { pid = 0 }) => sum + processorSeconds(pid), 0),
      PostgreSQL: familySeconds(postgres.pid()),
    })
    const before = cpuOf()
    const from = performance.now()
    const done = workers.map((worker) => says(worker, 'done'))
    for (const worker of workers) worker.stdin?.write('go\n')
    await Promise.all(done)
    const wall = (performance.now() - from) / 1_000
    const after = cpuOf()
    const left = await boss.fetch(QUEUE, { batchSize: 1 })
    if (left.length > 0) throw new Error('not all jobs were done')
    return {
      runs: jobs / wall,
      wall,
      'CPU runners': after.workers - before.workers,
      'CPU PostgreSQL': after.PostgreSQL - before.PostgreSQL,
    }
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
    await boss.deleteQueue(QUEUE)
    await boss.stop({ graceful: false })
  }
}

async function workerAt(address: string, slots: number): Promise<ChildProcess> {
  const program = join(import.meta.dirname, 'queue-worker.ts')
  const worker = spawn(process.execPath, [program, address, String(slots)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await says(worker, 'ready')
  return worker
}

async function says(worker: ChildProcess, word: string): Promise<void> {
  if (!worker.stdout) throw new Error('a worker is spoken with')
  for (;;) {
    const [told] = (await once(worker.stdout, 'data')) as [Buffer]
    if (told.toString().includes(word)) return
  }
}
