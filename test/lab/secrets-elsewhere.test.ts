// Secrets that are kept elsewhere, as operators have them: followed when a run begins, and what happens when one changes in its place.
import { rmSync, statSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { siteDir } from '../support/site-dir.ts'

const site = siteDir()
afterAll(() => site.end())

const role = {
  inputs: { password: { type: 'string', sensitive: true, minLength: 6 } },
  files: { [site.path('conf')]: { template: 'conf.j2', mode: '0600' } },
  apply: { run: `#!/bin/sh\nprintf '%s\\n' "$ANNEAL_INPUT_PASSWORD" >>"${site.path('given')}"\n` },
  check: { run: '#!/bin/sh\n:\n' },
  retry: { attempts: 1 },
}

test('it is followed, a change of it is drift where a file shows it, and what cannot be had is a fault', async () => {
  site.make({
    roles: { db: role },
    deployment: { values: { db: { password: { secret: { file: 'kept' } } } } },
  })
  site.write({ 'packages/p/roles/db/conf.j2': 'password={{ inputs.password }}\n' })

  const without = await site.anneal('up', '--yes')
  expect(without.code).toBe(3)
  expect(without.said).toMatch(/password: the file kept: it cannot be read \(ENOENT\)/)

  site.write({ kept: 'correct-horse\n' })
  expect((await site.anneal('up', '--yes')).code).toBe(0)
  expect(site.read('conf')).toBe('password=correct-horse\n')
  expect(site.read('given')).toBe('correct-horse\n')

  site.write({ kept: 'battery-staple\n' })
  const same = await site.anneal('up', '--yes')
  expect(same.said).toMatch(/ready {2}nothing to run/)
  const drift = await site.anneal('drift', '--repair')
  expect(drift.said).toMatch(/conf differs in content/)
  expect(drift.said).not.toMatch(/horse|staple/)
  expect(site.read('conf')).toBe('password=battery-staple\n')
  expect(site.read('given')).toBe('correct-horse\nbattery-staple\n')

  rmSync(site.path('kept'))
  const gone = await site.anneal('drift')
  expect(gone.said).toMatch(/password: the file kept: it cannot be read/)
  site.write({ kept: 'short\n' })
  const wrong = await site.anneal('retry', 'here/db')
  expect(wrong.said).toMatch(/what the file kept holds does not fit the schema of the input; it is not shown/)
  expect(statSync(site.path('conf')).mode & 0o777).toBe(0o600)
})

test('what a script says is never followed', async () => {
  const word = { secret: { command: ['touch', site.path('followed')] } }
  const teller = {
    outputs: { word: { sensitive: true } },
    apply: { run: `#!/bin/sh\necho 'word=${JSON.stringify(word)}' >>"$ANNEAL_OUTPUTS"\n` },
  }
  const reader = {
    inputs: { word: { from: 'teller.word', sensitive: true } },
    apply: { run: `#!/bin/sh\nprintf %s "$ANNEAL_INPUT_WORD" >"${site.path('word')}"\n` },
  }
  site.make({ roles: { teller, reader } })
  expect((await site.anneal('up', '--yes')).code).toBe(0)
  expect(JSON.parse(site.read('word'))).toEqual(word)
  expect(() => statSync(site.path('followed'))).toThrow()
})
