// known_hosts lines as OpenSSH writes them: plain, hashed, with ports and markers.
import { createHmac } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keyAt, knownKeys } from './host-keys.ts'

/** A key from the manual of ssh-keygen's tests, with the fingerprint that ssh-keygen prints for it. */
const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
const FINGERPRINT = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU'

test('finds what is pinned for a host, in the forms that ssh writes', async () => {
  const salt = Buffer.from('01234567890123456789')
  const hash = createHmac('sha1', salt).update('[10.0.0.3]:2222').digest('base64')
  const file = join(mkdtempSync(join(tmpdir(), 'anneal-known-')), 'known_hosts')
  writeFileSync(
    file,
    [
      '# a comment',
      `github.com,140.82.112.3 ssh-ed25519 ${KEY} a comment`,
      '',
      `|1|${salt.toString('base64')}|${hash} ssh-ed25519 ${KEY}`,
      `@revoked old.example ssh-ed25519 ${KEY}`,
      'broken line',
    ].join('\n'),
  )
  expect(await knownKeys(file, 'github.com')).toEqual([
    { type: 'ssh-ed25519', fingerprint: FINGERPRINT, file, line: 2 },
  ])
  expect(await knownKeys(file, '140.82.112.3')).toHaveLength(1)
  expect(await knownKeys(file, '[10.0.0.3]:2222')).toMatchObject([{ line: 4 }])
  expect(await knownKeys(file, '10.0.0.3')).toEqual([])
  expect(await knownKeys(file, 'old.example')).toEqual([])
  expect(await keyAt(file, 2)).toMatchObject({ fingerprint: FINGERPRINT })
  expect(await keyAt(file, 6)).toBeUndefined()
  expect(await knownKeys(`${file}.not`, 'github.com')).toEqual([])
})
