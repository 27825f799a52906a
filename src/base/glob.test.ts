// Which paths a glob stands for.
import { expect, test } from 'vitest'
import { matchesGlob } from './glob.ts'

test.each([
  ['/etc/motd', '/etc/motd', true],
  ['/etc/motd', '/etc/motd.d', false],
  ['/etc/*', '/etc/motd', true],
  ['/etc/*', '/etc/ssh/sshd_config', false],
  ['/etc/**', '/etc/ssh/sshd_config', true],
  ['/etc/**/*.conf', '/etc/a/b/c.conf', true],
  ['/etc/**/*.conf', '/etc/c.conf', true],
  ['/etc/?.conf', '/etc/a.conf', true],
  ['/etc/?.conf', '/etc/ab.conf', false],
  ['/etc/a.conf', '/etc/a-conf', false],
  ['/etc/(a|b)[c]{2}', '/etc/(a|b)[c]{2}', true],
  ['**', '/anything/at all', true],
  ['**/**/a', 'a', true],
  ['**/a', 'ba', false],
  [`/${'*a'.repeat(30)}b`, `/${'a'.repeat(300)}`, false],
  [`${'**/'.repeat(30)}b`, `/${'a/'.repeat(300)}`, false],
])('%s and %s: %s', (glob, path, matches) => {
  expect(matchesGlob(glob, path)).toBe(matches)
})
