// Becoming root on a wire whose login is not: a second loop under sudo on the same stdin. Here sudo is a stand-in; the
// lab's test has the real one.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Session } from '../../src/model/work.ts'
import { localTransport } from '../../src/transports/local.ts'
import { lives, NEVER, pidsIn, run, SOON, started, startedBefore } from './transport.ts'

const directory = mkdtempSync(join(tmpdir(), 'anneal-sudo-'))
const at = (name: string) => join(directory, name)
const UID = 60_000 + (process.pid % 5_000)

/** Says how often sudo was asked. */
const asked = () => readFileSync(at('asked'), 'utf8').length

function standIn(name: string, script: string): void {
  writeFileSync(at(name), `#!/bin/sh\n${script}\n`)
  chmodSync(at(name), 0o755)
}

const GRANTS = `printf x >>${at('asked')}
[ "$1" = -n ] || exit 9
shift
echo "lecture" >&2
AM_ROOT=1 exec "$@"`

describe('become', { timeout: 300_000 }, () => {
  beforeEach(() => {
    writeFileSync(at('asked'), '')
    standIn('id', `if [ "$AM_ROOT" ]; then echo 0; else echo ${UID}; fi`)
    standIn('sudo', GRANTS)
  })
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true })
    rmSync(`/dev/shm/anneal-${UID}`, { recursive: true, force: true })
  })

  test('asks sudo once, and from then on costs a round trip a run', async () => {
    const session = await open()
    expect((await run(session, 'id -u')).stdout.toString()).toBe(`${UID}\n`)
    expect(asked()).toBe(0)
    const before = session.traffic.roundTrips
    expect((await run(session, 'id -u', { become: true })).stdout.toString()).toBe('0\n')
    expect(session.traffic.roundTrips - before).toBe(2)
    for (let i = 0; i < 5; i++)
      expect((await run(session, 'id -u', { become: true })).stdout.toString()).toBe('0\n')
    expect(session.traffic.roundTrips - before).toBe(7)
    expect(asked()).toBe(1)
    await session.close()
  })

  test('goes back and forth as runs want it', async () => {
    const session = await open()
    const uids = []
    for (const become of [true, false, false, true, false]) {
      uids.push((await run(session, 'id -u', { become })).stdout.toString().trim())
    }
    expect(uids).toEqual(['0', String(UID), String(UID), '0', String(UID)])
    await session.close()
  })

  test('a deadline reaches what runs under sudo', async () => {
    const session = await open()
    const { said, ended } = await startedBefore(
      SOON,
      session,
      'sleep 1000 & echo "pid $!"; echo "pid $$"; echo started; wait',
      { become: true },
    )
    expect((await ended).result).toMatchObject({ fault: { code: 'deadline' } })
    expect(pidsIn(said).filter(lives)).toEqual([])
    expect((await run(session, 'id -u', { become: true })).stdout.toString()).toBe('0\n')
    await session.close()
  })

  test('what runs under sudo when the connection dies is ended by root before anything new starts', async () => {
    const session = await open()
    await run(session, 'id -u', { become: true })
    const { said, ended } = await started(
      session,
      `(trap '' TERM; sleep 1000; sleep 1000) & echo "pid $!"; echo "pid $$ parent pid $PPID"; echo started; wait`,
      { become: true },
    )
    const [, , root = 0] = pidsIn(said)
    process.kill(root, 'SIGKILL')
    expect((await ended).result).toMatchObject({ fault: { code: 'connectionLost' } })
    await session.lost
    const granted = asked()
    const next = await open()
    expect(asked()).toBe(granted + 1)
    expect(pidsIn(said).filter(lives)).toEqual([])
    expect((await run(next, 'id -u')).stdout.toString()).toBe(`${UID}\n`)
    await next.close()
    const third = await open()
    expect(asked()).toBe(granted + 1)
    await third.close()
  })

  const refusals: [string, string, RegExp][] = [
    ['a password is wanted', 'echo "sudo: a password is required" >&2; exit 1', /asks for a password/],
    ['the login may not', 'echo "deploy is not in the sudoers file." >&2; exit 1', /may not use sudo/],
    ['there is no sudo', 'exit 127', /no sudo/],
    [
      'a terminal is wanted',
      'echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1',
      /wants a terminal/,
    ],
    [
      'sudo eats what it is given',
      'head -n 40 >/dev/null; echo "sudo: a password is required" >&2; exit 1',
      /password/,
    ],
  ]
  for (const [name, script, message] of refusals) {
    test(`${name}: a fault, and the connection still serves what needs no root`, async () => {
      standIn('sudo', script)
      const session = await open()
      const refused = await run(session, 'id -u', { become: true })
      expect(refused.result).toMatchObject({
        result: 'fault',
        sent: false,
        fault: { code: 'noSudo', message: expect.stringMatching(message) },
      })
      expect((await run(session, 'id -u')).stdout.toString()).toBe(`${UID}\n`)
      standIn('sudo', GRANTS)
      expect((await run(session, 'id -u', { become: true })).stdout.toString()).toBe('0\n')
      await session.close()
      const next = await open()
      await next.close()
    })
  }
})

async function open(): Promise<Session> {
  const transport = localTransport({
    owner: `become-${process.pid}`,
    graceSeconds: 1,
    env: { PATH: `${directory}:${process.env['PATH']}`, HOME: directory },
  })
  const opened = await transport.open(
    { name: 'here', transport: { kind: 'local' } },
    { signal: NEVER, connectTimeoutMs: 10_000, notice: () => {} },
  )
  if (!opened.ok) throw new Error(opened.fault.message)
  return opened.session
}
