// How tests run: units and laws side by side, what needs a browser or real hosts one file after the other.
import { defineConfig } from 'vitest/config'

const common = { testTimeout: 60_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    reporters: ['default', './test/closing-line.ts'],
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
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...common,
          name: 'web',
          include: ['test/web/**/*.test.ts'],
          testTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...common,
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
