// What one may not do says why, before the server has to refuse it.
import { expect, test } from 'vitest'
import { type Me, whyNot } from './use-me.ts'

const viewer: Me = { name: 'ada', grants: [{ role: 'viewer' }] }
const here: Me = { name: 'bob', grants: [{ role: 'viewer' }, { role: 'author', deployments: ['store'] }] }

test('a viewer may not commit, and reads which right that needs', () => {
  expect(whyNot(viewer, 'commit')).toBe('ada is viewer here, and this needs the right to commit')
  expect(whyNot(viewer, 'read', 'store')).toBeUndefined()
})

test('who is author of one deployment is no author of another', () => {
  expect(whyNot(here, 'commit', 'store')).toBeUndefined()
  expect(whyNot(here, 'commit', 'base')).toBe('bob may do this only in store')
  expect(whyNot(here, 'readSecrets', 'store')).toMatch(/needs the right to read secrets/)
})

test('who is not known yet may nothing', () => {
  expect(whyNot(undefined, 'read')).toBe('who you are is not known yet')
})
