// How tests run: all kinds of them side by side, as those with a browser or with real hosts wait more than they work.
import { defineConfig } from 'vitest/config'
import BeginWith from './test/begin-with.ts'

const common = { testTimeout: 60_000, hookTimeout: 180_000 }

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
        test: { ...common, name: 'web', include: ['test/web/**/*.test.ts'], testTimeout: 120_000 },
      },
      {
        test: {
          ...common,
          name: 'web on PostgreSQL',
          include: ['test/web/**/*.test.ts'],
          testTimeout: 120_000,
          env: { ANNEAL_TEST_JOURNAL: 'postgres' },
        },
      },
      {
        test: {
          ...common,
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
