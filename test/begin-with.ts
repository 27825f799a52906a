// The order in which test files begin: what waits for machines beside what works, and whatever takes long before the rest.
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Seconds, where it is more than some; to be put right when `vitest --reporter=json` tells otherwise. A wrong one costs time, no more. */
export const LONG: Readonly<Record<string, number>> = {
  'test/lab/etcd.test.ts': 110,
  'test/lab/fire.test.ts': 98,
  'test/lab/rollouts.test.ts': 81,
  'test/lab/lab.test.ts': 65,
  'test/lab/rinse.test.ts': 63,
  'test/lab/far-end.test.ts': 54,
  'test/lab/controls-here.test.ts': 34,
  'test/lab/bad-input-hosts.test.ts': 31,
  'test/lab/faults.test.ts': 31,
  'test/lab/serve.test.ts': 25,
  'test/lab/secrets-canary.test.ts': 52,
  'test/lab/postgres-kills.test.ts': 50,
  'test/lab/secrets-canary-served.test.ts': 20,
  'test/web/pictures.test.ts': 15,
  'test/lab/kill.test.ts': 21,
  'test/lab/peers.test.ts': 21,
  'test/web/views.test.ts': 52,
  'test/simulation/simulation.test.ts': 240,
  'test/simulation/postgres.test.ts': 130,
  'test/simulation/every-write.test.ts': 51,
  'test/laws/annealer.test.ts': 41,
  'test/contracts/transport-ssh.test.ts': 38,
  'test/contracts/transport-fencing.test.ts': 38,
  'test/contracts/journal-sqlite-damage.test.ts': 32,
  'test/tidy/tools.test.ts': 29,
  'test/contracts/transport-local.test.ts': 29,
  'test/contracts/journal-sqlite.test.ts': 28,
  'test/contracts/journal-sqlite-crash.test.ts': 25,
  'test/contracts/journal-postgres.test.ts': 20,
}
const OTHERS = 4

/** Two kinds of files are dealt out so that both last to the end: a worker that waits for a machine leaves its core to another. */
export default class BeginWith extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const long = (file: TestSpecification): number =>
      LONG[relative(this.ctx.config.root, file.moduleId)] ?? OTHERS
    const sorted = (await super.sort(files)).sort((one, other) => long(other) - long(one))
    const kinds = [sorted.filter(waits), sorted.filter((file) => !waits(file))].map((of) => ({
      of,
      all: of.reduce((sum, file) => sum + long(file), 0),
      dealt: 0,
    }))
    return sorted.map(() => {
      const [next] = kinds
        .filter(({ of }) => of.length > 0)
        .sort((one, other) => one.dealt / one.all - other.dealt / other.all)
      const file = next?.of.shift() as TestSpecification
      if (next) next.dealt += long(file)
      return file
    })
  }
}

function waits({ project }: TestSpecification): boolean {
  return project.name !== 'house'
}
