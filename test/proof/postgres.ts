// Proof: servers on a PostgreSQL journal and the database itself are killed, `--kills 50 --seed 1`, in stories of ten kills each.
// With `--lab` runners too, and all of them are real processes that work on real hosts.
import { parseArgs } from 'node:util'
import { testPostgres } from '../support/postgres.ts'
import { tellKills } from './kill-story.ts'
import { tellLabKills } from './lab-story.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    lab: { type: 'boolean', default: false },
  },
})
const IN_A_STORY = 10
const kills = Number(values.kills)
const tell = values.lab ? tellLabKills : tellKills
const postgres = await testPostgres()
const takeovers: number[] = []
const sums: Record<string, number> = {}
try {
  for (let told = 0, seed = Number(values.seed); told < kills; told += IN_A_STORY, seed++) {
    const report = await tell(postgres, seed, Math.min(IN_A_STORY, kills - told))
    takeovers.push(...report.takeoversMs)
    for (const [name, count] of Object.entries({ ...report, ...report.kills }))
      if (typeof count === 'number') sums[name] = (sums[name] ?? 0) + count
    process.stdout.write(
      `seed ${seed}  ${JSON.stringify(report.kills)}  ${report.runs} runs, ${report.lost} lost\n`,
    )
  }
  takeovers.sort((a, b) => a - b)
  const ms = (share: number): number => Math.round(takeovers[Math.floor(share * (takeovers.length - 1))] ?? 0)
  process.stdout.write(
    `${JSON.stringify(sums)}\ntaken over ${takeovers.length} times, in ${ms(0.5)} ms (${ms(0)} to ${ms(1)} ms)\n`,
  )
} finally {
  await postgres.stop()
}
process.exit(0)
