// The digest of a role: the default of a secret is not in it, since it stands in the journal in clear.
import { expect, test } from 'vitest'
import type { Role } from '../model/role.ts'
import { digestOfRole } from './role-digest.ts'

function digest(sensitive: boolean, value?: string): string {
  const input = { schema: {}, sensitive, optional: false, ...(value === undefined ? {} : { default: value }) }
  return digestOfRole({ name: 'r', inputs: { password: input }, outputs: {}, files: {} } as unknown as Role)
}

test('another default is another role, unless it is a secret', () => {
  expect(digest(false, 'a')).not.toBe(digest(false, 'b'))
  expect(digest(true, 'a')).toBe(digest(true, 'b'))
  expect(digest(true, 'a')).not.toBe(digest(true))
})
