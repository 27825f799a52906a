// ssh's last words, as different versions say them, become faults that an operator can act on.
import { expect, test } from 'vitest'
import type { NodeFaultCode } from '../model/run.ts'
import { sshFault } from './ssh-fault.ts'

const WORDS: [string, NodeFaultCode, RegExp][] = [
  ['ssh: connect to host 10.0.0.1 port 22: Connection refused', 'unreachable', /nothing listens/],
  ['ssh: connect to host 10.0.0.1 port 22: Connection timed out', 'unreachable', /does not answer/],
  ['ssh: connect to host 10.0.0.1 port 22: No route to host', 'unreachable', /does not answer/],
  ['ssh: connect to host 10.0.0.1 port 22: Network is unreachable', 'unreachable', /no way through/],
  [
    'Connection timed out during banner exchange\nConnection to 10.0.0.1 port 22 timed out',
    'unreachable',
    /takes the connection/,
  ],
  ['ssh: Could not resolve hostname db: Name or service not known', 'unreachable', /leads nowhere/],
  ['kex_exchange_identification: Connection closed by remote host', 'unreachable', /hung up/],
  ['root@10.0.0.1: Permission denied (publickey,password).', 'accessDenied', /publickey,password/],
  [
    'Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures',
    'accessDenied',
    /lets nobody in/,
  ],
  [
    "Permissions 0644 for 'k' are too open.\nWARNING: UNPROTECTED PRIVATE KEY FILE!\nroot@h: Permission denied (publickey).",
    'accessDenied',
    /open to others/,
  ],
  [
    'No ED25519 host key is known for h and you have requested strict checking.\nHost key verification failed.',
    'hostKeyUnknown',
    /not known/,
  ],
  [
    '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.',
    'hostKeyChanged',
    /another host key/,
  ],
  [
    'Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa',
    'unreachable',
    /no matching host key type/,
  ],
  ['/c line 1: Bad configuration option: foo', 'unreachable', /Bad configuration option/],
  ['some words nobody has seen', 'unreachable', /some words nobody has seen/],
]

for (const [stderr, code, message] of WORDS) {
  test(stderr.split('\n')[0] as string, () => {
    const fault = sshFault('n1 (10.0.0.1)', { how: 'exit', code: 255 }, { stderr, stdout: '' }, 'opening')
    expect(fault.code).toBe(code)
    expect(fault.message).toMatch(message)
    expect(fault.message).toMatch('n1 (10.0.0.1)')
  })
}

test('silence of a whole timeout is told from what may be over in a moment', () => {
  const passing = (stderr: string): boolean | undefined =>
    sshFault('n1', { how: 'exit', code: 255 }, { stderr, stdout: '' }, 'opening').passing
  expect(passing('ssh: connect to host 10.0.0.1 port 22: Connection timed out')).toBe(false)
  expect(passing('Connection timed out during banner exchange')).toBe(false)
  expect(passing('ssh: Could not resolve hostname db: Temporary failure in name resolution')).toBe(false)
  expect(passing('kex_exchange_identification: Connection closed by remote host')).toBe(true)
  expect(passing('ssh: connect to host 10.0.0.1 port 22: Connection refused')).toBeUndefined()
})

test('what the far side says after the login is not taken for a way that is shut', () => {
  const talk = { stderr: 'bash: /x: Permission denied', stdout: '' }
  expect(sshFault('n1', { how: 'exit', code: 126 }, talk, 'opening')).toMatchObject({ code: 'noShell' })
  expect(
    sshFault(
      'n1',
      { how: 'exit', code: 255 },
      { stderr: 'Timeout, server h not responding.', stdout: '' },
      'open',
    ),
  ).toMatchObject({
    code: 'connectionLost',
    message: expect.stringMatching(/not responding/),
  })
})

test('a login that was not done in time is told from a shell that is silent', () => {
  const killed = { how: 'signal', signal: 'SIGKILL' } as const
  expect(sshFault('n1', killed, { stderr: '', stdout: '' }, 'opening')).toMatchObject({ code: 'unreachable' })
  const stderr = 'Authenticated to n1 ([10.0.0.1]:22) using "publickey".\n'
  expect(sshFault('n1', killed, { stderr, stdout: 'New password: ' }, 'opening')).toMatchObject({
    code: 'noShell',
    message: expect.stringMatching(/New password/),
  })
  const ended =
    'Transferred: sent 2880, received 2284 bytes, in 0.1 seconds\r\nBytes per second: sent 1.0, received 1.0\r\n'
  expect(sshFault('n1', { how: 'exit', code: 0 }, { stderr: ended, stdout: '' }, 'open').message).toBe(
    'the connection to n1 was lost',
  )
})
