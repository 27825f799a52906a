// The ssh transport keeps the contract over a real sshd, and says what went wrong when it cannot get in.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NodeFault } from '../../src/model/run.ts'
import type { TransportSpec } from '../../src/model/site.ts'
import type { Session } from '../../src/model/work.ts'
import { sshTransport } from '../../src/transports/ssh.ts'
import { type Far, NEVER, run, transportContract } from './transport.ts'
import { togetherContract } from './transport-together.ts'
import { freePort } from '../support/free-port.ts'
import { startSshd, type TestSshd } from './transport-sshd.ts'

transportContract('ssh', sshFar)
togetherContract('ssh', sshFar)

async function sshFar(): Promise<Far> {
  const sshd = await startSshd()
  const site = newSite()
  return {
    async open() {
      const { session, fault } = await open(site, sshd.spec())
      if (session === undefined) throw new Error(fault?.message)
      return session
    },
    async stop() {
      await sshd.stop()
      rmSync(site, { recursive: true, force: true })
    },
  }
}

describe('host keys', () => {
  let sshd: TestSshd
  let site: string
  beforeAll(async () => {
    sshd = await startSshd()
    site = newSite()
  })
  afterAll(async () => {
    await sshd.stop()
    rmSync(site, { recursive: true, force: true })
  })

  test('are pinned on first contact and shown, once', async () => {
    const first = await open(site, sshd.spec())
    expect(first.notices).toEqual([expect.stringContaining(sshd.fingerprint())])
    expect(first.notices[0]).toMatch(/first contact with n1 .*ED25519/)
    await first.session?.close()
    expect(readFileSync(join(site, '.anneal/known_hosts'), 'utf8')).toMatch('ssh-ed25519')
    const second = await open(site, sshd.spec())
    expect(second.notices).toEqual([])
    await second.session?.close()
  })

  test('that changed are refused with both fingerprints, until they are forgotten by hand', async () => {
    const old = sshd.fingerprint()
    await sshd.rekey()
    const changed = await open(site, sshd.spec())
    expect(changed.fault).toMatchObject({
      code: 'hostKeyChanged',
      advice: expect.stringMatching(/ssh-keygen -f .* -R /),
    })
    expect(changed.fault?.message).toMatch(old)
    expect(changed.fault?.message).toMatch(sshd.fingerprint())
    expect(changed.fault?.message).toMatch(join(site, '.anneal/known_hosts:1'))
    const careless = await open(site, sshd.spec({ options: { StrictHostKeyChecking: 'no' } }))
    expect(careless.fault).toMatchObject({ code: 'hostKeyChanged' })
    rmSync(join(site, '.anneal/known_hosts'))
    const again = await open(site, sshd.spec())
    expect(again.notices).toEqual([expect.stringContaining(sshd.fingerprint())])
    await again.session?.close()
  })

  test('are held to the operator’s own settings where there are any', async () => {
    const strict = await open(newSite(), sshd.spec({ options: { StrictHostKeyChecking: 'yes' } }))
    expect(strict.fault).toMatchObject({ code: 'hostKeyUnknown' })
    const config = join(sshd.directory, 'own_config')
    const known = join(sshd.directory, 'own_known_hosts')
    writeFileSync(
      config,
      `Host alias\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  IdentityFile ${join(sshd.directory, 'user')}\n  UserKnownHostsFile ${known}\n`,
    )
    const own = newSite()
    const opened = await open(own, { kind: 'ssh', host: 'alias', config })
    expect(opened.notices).toEqual([expect.stringMatching(/your ssh settings name/)])
    expect(readFileSync(known, 'utf8')).toMatch('ssh-ed25519')
    await opened.session?.close()
  })
})

describe('a way in that is shut is a fault that says why', () => {
  let sshd: TestSshd
  const site = newSite()
  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.stop())

  test('nobody listens', async () => {
    const { fault } = await open(site, sshd.spec({ port: await freePort() }))
    expect(fault).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/nothing listens/) })
  })

  test('the name leads nowhere', async () => {
    const { fault } = await open(site, sshd.spec({ host: 'no-such-host.invalid' }))
    expect(fault).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/leads nowhere/) })
  })

  test('the key is not taken', async () => {
    const { fault } = await open(site, sshd.spec({ user: 'no-such-user' }))
    expect(fault).toMatchObject({ code: 'accessDenied', advice: expect.stringMatching(/BatchMode/) })
  })

  test('settings that ssh does not take', async () => {
    const { fault } = await open(site, sshd.spec({ options: { NoSuchOption: 'x' } }))
    expect(fault).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/NoSuchOption|nosuchoption/i),
    })
    const { fault: second } = await open(site, sshd.spec({ options: { 'Bad Name': 'x' } }))
    expect(second?.message).toMatch(/not the name of an ssh option/)
  })

  test('no common algorithm', async () => {
    const { fault } = await open(
      site,
      sshd.spec({ options: { KexAlgorithms: 'diffie-hellman-group1-sha1' } }),
    )
    expect(fault).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/no common ground/) })
  })

  test('no ssh client here', async () => {
    const transport = sshTransport({ siteDir: site, owner: 'o', command: '/nowhere/ssh' })
    const opened = await transport.open(
      { name: 'n1', transport: sshd.spec() },
      { signal: NEVER, connectTimeoutMs: 5_000, notice: () => {} },
    )
    expect(opened).toMatchObject({
      ok: false,
      fault: { code: 'unreachable', message: expect.stringMatching(/client/) },
    })
  })

  test('whoever gives up while it is opened is told so', async () => {
    const abort = new AbortController()
    const opening = open(site, sshd.spec(), abort.signal)
    abort.abort()
    expect((await opening).fault).toMatchObject({ code: 'cancelled' })
  })
})

test('a jump host is passed through with the same settings', async () => {
  const sshd = await startSshd()
  const site = newSite()
  const jump = `${userInfo().username}@localhost:${sshd.port}`
  const { session, fault, notices } = await open(site, sshd.spec({ options: { ProxyJump: jump } }))
  expect(fault).toBeUndefined()
  expect((await run(session as Session, 'echo there')).stdout.toString()).toBe('there\n')
  expect(notices).toEqual([expect.stringContaining('[localhost]'), expect.stringContaining('[127.0.0.1]')])
  await session?.close()
  await sshd.stop()
})

describe('a login', () => {
  const noise = 'head -c 20000 /dev/urandom; echo; echo welcome; echo warning >&2'
  const logins: Record<string, string> = {
    'that makes noise': `${noise}; exec sh -c "$SSH_ORIGINAL_COMMAND"`,
    'to fish': 'exec fish -c "$SSH_ORIGINAL_COMMAND"',
    'to csh': 'exec tcsh -c "$SSH_ORIGINAL_COMMAND"',
    'to bash that reads its files': 'exec bash -lc "$SSH_ORIGINAL_COMMAND"',
  }
  for (const [name, command] of Object.entries(logins)) {
    test(`${name} is good enough`, async () => {
      const sshd = await startSshd({ config: [`ForceCommand ${command}`] })
      const { session, fault } = await open(newSite(), sshd.spec())
      expect(fault).toBeUndefined()
      expect((await run(session as Session, 'echo "it works"')).stdout.toString()).toBe('it works\n')
      await session?.close()
      await sshd.stop()
    })
  }

  test('without a shell is a fault that shows what it said', async () => {
    const sshd = await startSshd({ config: ['ForceCommand echo This account is not available.; exit 1'] })
    const { fault } = await open(newSite(), sshd.spec())
    expect(fault).toMatchObject({
      code: 'noShell',
      message: expect.stringMatching(/This account is not available/),
    })
    await sshd.stop()
  })

  test('that waits for something is given up', async () => {
    const sshd = await startSshd({
      config: ['ForceCommand echo Password expired. New password:; exec sleep 100'],
    })
    const { fault } = await open(newSite(), sshd.spec(), NEVER, 1_000)
    expect(fault).toMatchObject({ code: 'noShell', message: expect.stringMatching(/New password/) })
    await sshd.stop()
  })
})

interface Tried {
  session?: Session
  fault?: NodeFault
  notices: string[]
}

async function open(
  site: string,
  spec: TransportSpec,
  signal = NEVER,
  connectTimeoutMs = 20_000,
): Promise<Tried> {
  const notices: string[] = []
  const transport = sshTransport({ siteDir: site, owner: site, graceSeconds: 1 })
  const opened = await transport.open(
    { name: 'n1', transport: spec },
    { signal, connectTimeoutMs, notice: (message) => notices.push(message) },
  )
  return opened.ok ? { session: opened.session, notices } : { fault: opened.fault, notices }
}

function newSite(): string {
  return mkdtempSync(join(tmpdir(), 'anneal-site-'))
}
