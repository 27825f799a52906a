// How tests run: all kinds of them side by side, as those with a browser or with real hosts wait more than they work.
import { defineConfig } from 'vitest/config'
import BeginWith from './test/begin-with.ts'

// Nothing here says how fast something must be: a test that hangs is given up, and no other, however much else the machine has to do.
const common = { testTimeout: 300_000, hookTimeout: 600_000, expect: { poll: { timeout: 300_000 } } }

export default defineConfig({
  test: {
    reporters: ['default', './test/closing-line.ts'],
    // Two cores are as busy with three as they can be.
    maxWorkers: 3,
    sequence: { sequencer: BeginWith },
    projects: [
      {
        test: {
          ...common,
          name: 'house',
          include: [
            'src/**/*.test.ts',
            'web/src/**/*.test.ts',
            'test/{scripts,laws,fuzz,simulation,contracts,api,order,tidy}/**/*.test.ts',
          ],
        },
      },
      {
        test: { ...common, name: 'web', include: ['test/web/**/*.test.ts'] },
      },
      {
        test: {
          ...common,
          name: 'web on PostgreSQL',
          include: ['test/web/**/*.test.ts'],
          env: { ANNEAL_TEST_JOURNAL: 'postgres' },
        },
      },
      {
        test: {
          ...common,
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
        },
      },
    ],
  },
})
