// The operator's ssh_config wins over our defaults, as ssh itself reads the file that we write.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sshArguments } from './ssh.ts'
import { SshConfigFiles, sshConfig } from './ssh-config.ts'

const directory = mkdtempSync(join(tmpdir(), 'anneal config "%h"-'))

describe('what ssh makes of it', () => {
  test('our defaults hold where the operator says nothing', () => {
    const own = join(directory, 'empty')
    writeFileSync(own, '')
    expect(settled(own)).toMatchObject({
      serveraliveinterval: '5',
      serveralivecountmax: '3',
      connecttimeout: '10',
      stricthostkeychecking: 'accept-new',
      batchmode: 'yes',
      requesttty: 'false',
      forwardagent: 'no',
      forwardx11: 'no',
    })
    expect(settled(own)['userknownhostsfile']).toMatch('.anneal/known_hosts')
  })

  test('the operator’s own words win, but for what must not be open', () => {
    const own = join(directory, 'own')
    writeFileSync(
      own,
      'Host *\n  ServerAliveInterval 60\n  StrictHostKeyChecking yes\n  UserKnownHostsFile /x\n  BatchMode no\n  RequestTTY force\n  ForwardAgent yes\n  RemoteCommand top\n',
    )
    expect(settled(own)).toMatchObject({
      serveraliveinterval: '60',
      stricthostkeychecking: 'true',
      userknownhostsfile: '/x',
      batchmode: 'yes',
      requesttty: 'false',
      forwardagent: 'no',
    })
    expect(settled(own)['remotecommand']).toBeUndefined()
  })

  test('the node’s own options win over both', () => {
    const own = join(directory, 'own')
    expect(settled(own, { ServerAliveInterval: '7', KexAlgorithms: 'curve25519-sha256' })).toMatchObject({
      serveraliveinterval: '7',
      kexalgorithms: 'curve25519-sha256',
    })
  })
})

test('the file is private, written once, and names the user’s and the system’s settings where no other is named', async () => {
  const files = new SshConfigFiles()
  const [first, second] = await Promise.all(
    [1, 2].map(() => files.path({ siteDir: directory, config: undefined, connectTimeoutMs: 10_000 })),
  )
  expect(first).toBe(second)
  expect(statSync(first as string).mode & 0o777).toBe(0o600)
  const text = readFileSync(first as string, 'utf8')
  expect(text).toMatch(/Include ".*\/\.ssh\/config"\nInclude "\/etc\/ssh\/ssh_config"/)
})

/** `ssh -G` prints the settings that it would use. */
function settled(config: string, options: Record<string, string> = {}): Record<string, string> {
  const file = join(directory, 'ours')
  writeFileSync(file, sshConfig({ siteDir: directory, config, connectTimeoutMs: 10_000 }))
  const args = sshArguments({ kind: 'ssh', host: 'h', options }, file)
  const { stdout, stderr, status } = spawnSync('ssh', ['-G', ...args.slice(0, -1)], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return Object.fromEntries(
    stdout.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ')]),
  )
}
