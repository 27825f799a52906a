// Nothing secret leaves by a door, also where what made the view forgot to leave it out.
import { expect, test } from 'vitest'
import type { OutputView, WhyView } from './view.ts'
import { withoutSecrets } from './without-secrets.ts'

test('a sensitive output is known, and since which run, and its value stays inside', () => {
  const since = { kind: 'run', run: 'run-1' } as const
  const open: OutputView = { output: 'port', sensitive: false, early: false, known: true, value: 80, since }
  const secret: OutputView = { output: 'token', sensitive: true, early: false, known: true, since }
  const outputs = [open, { ...secret, value: 'hunter2' }]
  const view = { chain: [], inputs: [], outputs } as unknown as WhyView
  expect(withoutSecrets(view).outputs).toEqual([open, secret])
})
