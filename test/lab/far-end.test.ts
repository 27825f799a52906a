// The far end on real hosts: real sudo, full disks, read-only places, cut cables, and what they leave behind.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { JsonObject } from '../../src/base/json.ts'
import {
  cutHost,
  fillDisk,
  freeDisk,
  freezeHost,
  healHost,
  rekeyHost,
  startHost,
  stopHost,
  thawHost,
} from '../../src/lab/breakage.ts'
import { labDown } from '../../src/lab/down.ts'
import { labExec } from '../../src/lab/exec.ts'
import { trustLab, trustPaths } from '../../src/lab/keys.ts'
import { openLab } from '../../src/lab/lab.ts'
import { labUp } from '../../src/lab/up.ts'
import { addUser } from '../../src/lab/user.ts'
import type { NodeFault } from '../../src/model/run.ts'
import type { Session } from '../../src/model/work.ts'
import { gatherFacts } from '../../src/runner/facts.ts'
import { sshTransport } from '../../src/transports/ssh.ts'
import { FAMILY, fileOf, NEVER, pidsIn, run, SOON, started, startedBefore } from '../contracts/transport.ts'

const LONG_MS = 600_000
const stateHome = mkdtempSync(join(tmpdir(), 'anneal-far-end-'))
const lab = openLab({ name: 'far', stateHome })
const site = join(stateHome, 'site')
let addresses: Record<string, string> = {}

describe('the far end', { timeout: LONG_MS }, () => {
  beforeAll(async () => {
    const up = await labUp(lab, { count: 2, prefix: 'f', diskMiB: 96 })
    addresses = Object.fromEntries(up.hosts.map((host) => [host.name, host.address]))
    await addUser(lab, 'f1', { user: 'free', sudo: 'nopasswd' })
    await addUser(lab, 'f1', { user: 'asked', sudo: 'password' })
    await addUser(lab, 'f1', { user: 'plain', sudo: 'none' })
  }, LONG_MS)
  afterAll(async () => {
    await labDown(lab)
    rmSync(stateHome, { recursive: true, force: true })
  }, LONG_MS)

  test('facts tell what kind of machine it is, to root and to anybody else', async () => {
    for (const user of ['root', 'plain']) {
      const session = await open('f1', user)
      const before = session.traffic.roundTrips
      const outcome = await gatherFacts(session, 30_000, NEVER)
      expect(session.traffic.roundTrips - before).toBe(1)
      expect(outcome).toMatchObject({
        result: 'reached',
        facts: {
          hostname: 'f1',
          os: { id: 'debian', version: '12' },
          init: 'systemd',
          package_manager: 'apt',
          network: { primary: { address: addresses['f1'] } },
        },
      })
      const facts = (outcome as { facts: JsonObject }).facts
      expect(await gatherFacts(session, 30_000, NEVER)).toEqual({ result: 'reached', facts })
      await session.close()
    }
  })

  describe('sudo', () => {
    const ways = {
      'as it comes': '',
      'with a terminal of its own': 'Defaults use_pty',
      'with everything logged': 'Defaults log_output, log_input, use_pty',
    }
    for (const [way, defaults] of Object.entries(ways)) {
      test(`${way}: root and back, bytes, deadlines`, async () => {
        await inHost('f1', `printf '%s\\n' '${defaults}' >/etc/sudoers.d/way; chmod 440 /etc/sudoers.d/way`)
        onTestFinished(async () => void (await inHost('f1', 'rm -f /etc/sudoers.d/way')))
        const session = await open('f1', 'free')
        const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 31) & 255))
        const uids = []
        for (const become of [false, true, true, false, true]) {
          uids.push((await run(session, 'id -un', { become })).stdout.toString().trim())
        }
        expect(uids).toEqual(['free', 'root', 'root', 'free', 'root'])
        const before = session.traffic.roundTrips
        const path = `/root/way ${way}`
        const written = await run(session, `cat "${path}"; echo err >&2`, {
          become: true,
          files: [fileOf(path, bytes, { mode: '0600' })],
        })
        expect(written.stdout.equals(bytes)).toBe(true)
        expect(written.stderr.toString()).toBe('err\n')
        expect(session.traffic.roundTrips - before).toBe(2)
        expect((await run(session, ':', { files: [fileOf('/root/no', 'x')] })).result).toMatchObject({
          result: 'refused',
          message: expect.stringMatching(/\/root\/no cannot/),
        })
        const { said, ended } = await startedBefore(SOON, session, FAMILY, { become: true })
        expect((await ended).result).toMatchObject({ fault: { code: 'deadline' } })
        expect(await alive('f1', pidsIn(said))).toEqual([])
        await session.close()
      })
    }

    test('that asks for a password, or that is not granted, is a fault that says so', async () => {
      for (const [user, message] of [
        ['asked', /asks for a password/],
        ['plain', /asks for a password|may not use sudo/],
      ] as const) {
        const session = await open('f1', user)
        expect((await run(session, 'id', { become: true })).result).toMatchObject({
          result: 'fault',
          sent: false,
          fault: {
            code: 'noSudo',
            message: expect.stringMatching(message),
            advice: expect.stringMatching(/NOPASSWD/),
          },
        })
        expect((await run(session, 'id -un')).stdout.toString()).toBe(`${user}\n`)
        await session.close()
      }
    })
  })

  test('a full disk is a fault, nothing is half-written, and the session lives through it', async () => {
    const session = await open('f2')
    const content = Buffer.alloc(3_000_000, 'x')
    await run(session, ':', { files: [fileOf('/root/old', 'old')] })
    await fillDisk(lab, 'f2')
    onTestFinished(() => freeDisk(lab, 'f2'))
    const full = await run(session, 'touch /run/ran', {
      files: [fileOf('/root/old', content), fileOf('/root/new', content)],
    })
    expect(full.result).toMatchObject({
      result: 'fault',
      fault: { code: 'diskFull', message: expect.stringMatching(/\/root\/old/) },
    })
    expect(
      (
        await run(session, 'cat /root/old; ls -A /root | grep -c anneal; ls /root/new /run/ran')
      ).stdout.toString(),
    ).toBe('old0\n')
    const second = await open('f2')
    expect((await run(second, 'echo well')).stdout.toString()).toBe('well\n')
    await freeDisk(lab, 'f2')
    expect((await run(second, ':', { files: [fileOf('/root/new', content)] })).result).toMatchObject({
      result: 'done',
    })
    await second.close()
  })

  test('a read-only place refuses and says so', async () => {
    await inHost(
      'f2',
      'mkdir -p /srv/ro && echo kept >/srv/ro/file && mount --bind /srv/ro /srv/ro && mount -o remount,bind,ro /srv/ro',
    )
    const session = await open('f2')
    for (const name of ['new', 'file']) {
      expect((await run(session, ':', { files: [fileOf(`/srv/ro/${name}`, 'x')] })).result).toMatchObject({
        result: 'refused',
        message: expect.stringMatching(/Read-only file system/),
      })
    }
    await session.close()
  })

  test('a cut cable is noticed, and what went on without us is ended before anything new starts', async () => {
    const session = await open('f2')
    const { said, ended } = await started(session, FAMILY)
    await cutHost(lab, 'f2')
    onTestFinished(() => healHost(lab, 'f2'))
    expect((await ended).result).toMatchObject({
      result: 'fault',
      sent: true,
      fault: { code: 'connectionLost' },
    })
    expect((await alive('f2', pidsIn(said))).length).toBe(pidsIn(said).length)
    const away = await tryOpen('f2', 'root', 2_000)
    expect(away.fault).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/does not answer/),
    })
    await healHost(lab, 'f2')
    const next = await open('f2')
    expect(await alive('f2', pidsIn(said))).toEqual([])
    await next.close()
  })

  test('a frozen machine takes the connection and no more', async () => {
    await freezeHost(lab, 'f2')
    onTestFinished(() => thawHost(lab, 'f2'))
    const { fault } = await tryOpen('f2', 'root', 2_000)
    expect(fault).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/does not answer/) })
    await thawHost(lab, 'f2')
    const session = await open('f2')
    await session.close()
  })

  test('a machine that lost its power is lost, and works again when it is back', async () => {
    const session = await open('f2')
    const { ended } = await started(session, FAMILY)
    await stopHost(lab, 'f2')
    onTestFinished(() => startHost(lab, 'f2'))
    expect((await ended).result).toMatchObject({ fault: { code: 'connectionLost' } })
    expect((await tryOpen('f2', 'root', 2_000)).fault).toMatchObject({ code: 'unreachable' })
    await startHost(lab, 'f2')
    const next = await open('f2')
    expect((await run(next, 'echo well')).stdout.toString()).toBe('well\n')
    await next.close()
  })

  test('a changed key is refused with both fingerprints', async () => {
    await rekeyHost(lab, 'f2')
    onTestFinished(() => void trustLab(lab))
    const { fault } = await tryOpen('f2', 'root', 10_000)
    expect(fault).toMatchObject({
      code: 'hostKeyChanged',
      message: expect.stringMatching(/it shows ED25519 SHA256:.*pinned is ssh-ed25519 SHA256:/),
    })
    trustLab(lab)
    await (await open('f2')).close()
  })
})

async function open(host: string, user = 'root'): Promise<Session> {
  const { session, fault } = await tryOpen(host, user, 20_000)
  if (session === undefined) throw new Error(fault?.message)
  return session
}

async function tryOpen(
  host: string,
  user: string,
  connectTimeoutMs: number,
): Promise<{ session?: Session; fault?: NodeFault }> {
  const transport = sshTransport({ siteDir: site, owner: 'far', graceSeconds: 1 })
  const spec = {
    kind: 'ssh',
    host: addresses[host] as string,
    user,
    config: trustPaths(lab).sshConfig,
  } as const
  const opened = await transport.open(
    { name: host, transport: spec },
    { signal: NEVER, connectTimeoutMs, notice: () => {} },
  )
  return opened.ok ? { session: opened.session } : { fault: opened.fault }
}

async function inHost(host: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await labExec(lab, host, ['sh', '-c', script])
  if (code !== 0) throw new Error(stderr)
  return stdout
}

/** Asked from within the host, past its network. */
async function alive(host: string, pids: number[]): Promise<number[]> {
  const stats = await inHost(host, `for p in ${pids.join(' ')}; do cat /proc/$p/stat 2>/dev/null; done; true`)
  return stats
    .split('\n')
    .filter((line) => line !== '' && !/\) [ZX] /.test(line))
    .map((line) => Number(line.split(' ')[0]))
}
