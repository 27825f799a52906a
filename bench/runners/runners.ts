// What four runners carry for a server with a standby: 20,000 node-roles over PostgreSQL, beside the queue engine alone with as many jobs.
import { testPostgres } from '../../test/support/postgres.ts'
import type { Bench } from '../harness/question.ts'
import { carried, type Load } from './carried.ts'
import { queued } from './queued.ts'

/** Of an order in this site, where only the limit is asked for. */
const ORDER_BYTES = 700

/** `--runners N`, `--slots N`, `--nodes N`, `--roles N`: so many processes, so much at once in each, on so many machines. */
export const bench: Bench = async function* ({ options, version }) {
  const load: Load = {
    nodes: numberAfter(options, '--nodes') ?? 1_000,
    roles: numberAfter(options, '--roles') ?? 20,
    runners: numberAfter(options, '--runners') ?? 4,
    slots: numberAfter(options, '--slots') ?? 64,
  }
  const postgres = await testPostgres({ durable: true })
  version('PostgreSQL', postgres.version)
  version('pg-boss', '12.38.0')
  let orderBytes = ORDER_BYTES
  try {
    yield {
      name: `${load.nodes * load.roles} node-roles on ${load.nodes} nodes, ${load.runners} runner processes of ${load.slots} slots`,
      figures: {
        runs: { unit: '/s', better: 'more' },
        wall: { unit: 's' },
        'requests a run': { unit: '' },
        'to start p50': { unit: 'ms' },
        'to start p99': { unit: 'ms' },
        'to accepted p50': { unit: 'ms' },
        'to accepted p99': { unit: 'ms' },
        'CPU engine': { unit: 's' },
        'CPU standby': { unit: 's' },
        'CPU runners': { unit: 's' },
        'CPU PostgreSQL': { unit: 's' },
      },
      rounds: 3,
      contestants: [
        {
          name: 'anneal: a server, a standby, runners',
          is: 'ours',
          async measure() {
            const done = await carried(postgres, load)
            ;({ orderBytes } = done)
            return done.sample
          },
        },
        {
          name: 'pg-boss: fetch and complete',
          is: 'limit',
          measure: () => queued(postgres, load, orderBytes),
        },
      ],
    }
  } finally {
    await postgres.stop()
  }
}

function numberAfter(words: readonly string[], word: string): number | undefined {
  const at = words.indexOf(word)
  return at < 0 ? undefined : Number(words[at + 1])
}
