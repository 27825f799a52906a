// A connection that dies leaves nothing running that a later session could meet.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Session, Work, WorkResult } from '../../src/model/work.ts'
import { localTransport } from '../../src/transports/local.ts'
import { sshTransport } from '../../src/transports/ssh.ts'
import type { Transport } from '../../src/transports/transport.ts'
import { FAMILY, lives, NEVER, pidsIn, run, scriptOf, started, until } from './transport.ts'
import { startSshd, type TestSshd } from './transport-sshd.ts'

/** The same, of a script that does not ask who it is, and without a program that it begins. */
const PLAIN_FAMILY = `mkfifo "$ANNEAL_OUTPUTS-never"; (trap '' TERM; : <"$ANNEAL_OUTPUTS-never") &
read -r pid rest </proc/self/stat; echo "pid $! pid $pid"; echo started; wait`

describe('over ssh', { timeout: 300_000 }, () => {
  let sshd: TestSshd
  const site = mkdtempSync(join(tmpdir(), 'anneal-site-'))
  const open = (node = 'n1', owner = site) =>
    opened(sshTransport({ siteDir: site, owner, graceSeconds: 1 }), { name: node, transport: sshd.spec() })
  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(async () => {
    await sshd.stop()
    rmSync(site, { recursive: true, force: true })
  })

  test('a run whose ssh is killed is ended over there, and reported as lost', async () => {
    const session = await open()
    const { said, ended } = await started(session, FAMILY)
    for (const pid of children('ssh')) process.kill(pid, 'SIGKILL')
    expect((await ended).result).toMatchObject({
      result: 'fault',
      sent: true,
      fault: { code: 'connectionLost' },
    })
    expect(await session.lost).toMatchObject({ code: 'connectionLost' })
    expect((await run(session, ':')).result).toMatchObject({ result: 'fault', sent: false })
    const next = await open()
    expect(pidsIn(said).filter(lives)).toEqual([])
    await next.close()
  })

  test('a far end that has not noticed is ended by the next session before it starts', async () => {
    const session = await open()
    const marker = join(site, 'late')
    const { said, ended } = await started(session, `${FAMILY}; touch ${marker}`)
    // The sshd over there hangs: to it the connection is as alive as ever.
    const far = descendants('sshd')
    for (const pid of far) process.kill(pid, 'SIGSTOP')
    for (const pid of children('ssh')) process.kill(pid, 'SIGKILL')
    await ended
    expect(pidsIn(said).filter(lives)).toEqual(pidsIn(said))
    const next = await open()
    expect(pidsIn(said).filter(lives)).toEqual([])
    for (const pid of far) process.kill(pid, 'SIGCONT')
    const after = await started(next, FAMILY)
    // What the old session's watcher still has to say must not touch the new run.
    await until(() => !far.some(lives))
    expect(pidsIn(after.said).filter(lives)).toEqual(pidsIn(after.said))
    await next.close()
    await after.ended
    expect(existsSync(marker)).toBe(false)
  })

  test('a script that is ended by the next session finds its last words taken', async () => {
    const session = await open()
    const marker = join(site, 'cleared')
    const leaving = `trap 'echo leaving; echo leaving >&2; touch ${marker}; exit 1' TERM
echo "pid $$"; echo started; while :; do sleep 0.1; done`
    const { said, ended } = await started(session, leaving)
    const far = descendants('sshd')
    for (const pid of far) process.kill(pid, 'SIGSTOP')
    for (const pid of children('ssh')) process.kill(pid, 'SIGKILL')
    await ended
    const next = await open()
    expect([existsSync(marker), pidsIn(said).filter(lives)]).toEqual([true, []])
    for (const pid of far) process.kill(pid, 'SIGCONT')
    await next.close()
  })

  test('a session of another site, or of another node on the same login, is left alone', async () => {
    const session = await open()
    const { said, ended } = await started(session, FAMILY)
    const others = [await open('n2'), await open('n1', 'another site')]
    expect(pidsIn(said).filter(lives)).toEqual(pidsIn(said))
    await Promise.all(others.map((other) => other.close()))
    await session.close()
    await ended
  })

  test('a process id that was given to another in the meantime is not ended', async () => {
    const session = await open()
    const slot = (await run(session, 'dirname "$ANNEAL_INPUTS"')).stdout.toString().trim()
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    writeFileSync(join(slot, 'old.run'), `${process.pid} 12345 ${boot}\n`)
    writeFileSync(join(slot, 'old.loop'), `${process.pid} 12345 ${boot}\n`)
    const next = await open()
    await session.lost
    expect(readdirSync(slot).filter((name) => name.startsWith('old'))).toEqual([])
    await next.close()
    expect(readdirSync(slot)).toEqual([])
  })

  test('a request that is cut off half-way starts nothing and leaves nothing', async () => {
    const session = await open()
    const target = join(site, 'half')
    const stopped = descendants('sshd')
    const abort = new AbortController()
    const large = Buffer.alloc(30_000_000, 'x')
    const sending = session.carryOut(
      {
        files: [
          { path: target, bytes: large, digest: 'a'.repeat(64), mode: '0644', owner: 'root', group: 'root' },
        ],
        filesMode: 'write',
        env: {},
        inputs: '{}',
        become: false,
        deadlineMs: 60_000,
        onOutput: () => {},
      },
      abort.signal,
    )
    await until(() => readdirSync(site).some((name) => name.startsWith('.anneal-')))
    for (const pid of stopped) process.kill(pid, 'SIGSTOP')
    for (const pid of children('ssh')) process.kill(pid, 'SIGKILL')
    for (const pid of stopped) process.kill(pid, 'SIGCONT')
    expect((await sending).result).toBe('fault')
    const next = await open()
    await next.close()
    expect(existsSync(target)).toBe(false)
    await until(() => !readdirSync(site).some((name) => name.startsWith('.anneal-')))
  })

  test('a script that is cut off half-way is not taken for a whole one', async () => {
    const script = `echo ${process.pid}\n${'# and so on\n'.repeat(400_000)}echo whole\n`
    const session = await open()
    const slot = (await run(session, 'dirname "$ANNEAL_INPUTS"')).stdout.toString().trim()
    const far = descendants('sshd')
    const sending = run(session, script)
    await until(() => readdirSync(slot).some((name) => existsSync(join(slot, name, 'apply.sh'))))
    for (const pid of far) process.kill(pid, 'SIGSTOP')
    for (const pid of children('ssh')) process.kill(pid, 'SIGKILL')
    for (const pid of far) process.kill(pid, 'SIGCONT')
    expect((await sending).result.result).toBe('fault')
    const next = await open()
    expect((await run(next, script)).stdout.toString()).toMatch(/whole\n$/)
    await next.close()
  })
})

describe('here', { timeout: 300_000 }, () => {
  test('a shell that is killed outright leaves its run to the next session to end', async () => {
    const transport = localTransport({ owner: `fencing-${process.pid}`, graceSeconds: 1 })
    const open = () => opened(transport, { name: 'here', transport: { kind: 'local' } })
    const session = await open()
    const { said, ended } = await started(session, FAMILY)
    const slots = children('sh')
    expect(slots.length).toBe(1)
    for (const pid of slots) process.kill(pid, 'SIGKILL')
    expect((await ended).result).toMatchObject({ fault: { code: 'connectionLost' } })
    const next = await open()
    expect(pidsIn(said).filter(lives)).toEqual([])
    expect((await run(next, 'echo well')).stdout.toString()).toBe('well\n')
    await next.close()
  })

  test.each([
    ['by a leader', FAMILY],
    ['in a leader', PLAIN_FAMILY],
  ])('so does one whose scripts look %s', async (_, family) => {
    const transport = localTransport({ owner: `leading-${process.pid}`, graceSeconds: 1 })
    const open = () => opened(transport, { name: 'here', transport: { kind: 'local' } })
    const session = await open()
    for (const _ of [1, 2]) await look(session, 'echo well')
    let said = ''
    const begun = Promise.withResolvers<void>()
    const ended = look(session, family, (text) => {
      said += text
      if (said.includes('started')) begun.resolve()
    })
    await begun.promise
    for (const pid of children('sh')) process.kill(pid, 'SIGKILL')
    expect(await ended).toMatchObject([{ fault: { code: 'connectionLost' } }, { result: 'fault' }])
    expect(pidsIn(said).filter(lives).length).toBeGreaterThan(0)
    const next = await open()
    expect(pidsIn(said).filter(lives)).toEqual([])
    await next.close()
  })
})

test('a shell here that is killed while nothing runs leaves no forwarder waiting', {
  timeout: 300_000,
}, async () => {
  const transport = localTransport({ owner: `idle-${process.pid}`, graceSeconds: 1 })
  const open = () => opened(transport, { name: 'here', transport: { kind: 'local' } })
  const waiting = (loop: number) =>
    processes()
      .filter(({ parent }) => parent === loop)
      .toSorted((one, other) => one.name.localeCompare(other.name))
  const names = (of: readonly Process[]): string => of.map(({ name }) => name).join()
  let session = await open()
  let [loop = 0] = children('sh')
  // Until there is a leader that stays: a machine on which others begin many processes has none for now.
  for (let i = 0; names(waiting(loop)) !== 'cat,cat,sh'; i++) {
    if (i % 5 === 4) {
      await session.close()
      session = await open()
      loop = children('sh')[0] ?? 0
    }
    await run(session, 'echo well')
    await look(session, 'echo well')
  }
  const forwarders = waiting(loop)
  process.kill(loop, 'SIGKILL')
  expect(await session.lost).toMatchObject({ code: 'connectionLost' })
  await until(() => !forwarders.some(({ pid }) => lives(pid)))
})

/** As what is looked at together is carried out. */
function look(
  session: Session,
  script: string,
  onText: (text: string) => void = () => {},
): Promise<WorkResult[]> {
  const works = [script, 'exit 0'].map(
    (text): Work => ({
      files: [],
      filesMode: 'compare',
      script: scriptOf(text, 'check.sh'),
      env: {},
      inputs: '{}',
      become: false,
      deadlineMs: 60_000,
      onOutput: (_stream, bytes) => onText(Buffer.from(bytes).toString()),
    }),
  )
  return session.carryOutTogether(works, NEVER)
}

async function opened(transport: Transport, node: Parameters<Transport['open']>[0]): Promise<Session> {
  const answer = await transport.open(node, { signal: NEVER, connectTimeoutMs: 20_000, notice: () => {} })
  if (!answer.ok) throw new Error(answer.fault.message)
  return answer.session
}

interface Process {
  pid: number
  parent: number
  name: string
}

function processes(): Process[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry) || !lives(Number(entry))) return []
    const [, name = '', parent = ''] = /^\d+ \((.*)\) \S+ (\d+) /.exec(stat(entry)) ?? []
    return [{ pid: Number(entry), parent: Number(parent), name }]
  })
}

function stat(entry: string): string {
  try {
    return readFileSync(`/proc/${entry}/stat`, 'utf8')
  } catch {
    return ''
  }
}

function children(name: string): number[] {
  return processes()
    .filter((candidate) => candidate.parent === process.pid && candidate.name === name)
    .map(({ pid }) => pid)
}

/** Those of the test's sshd that serve a connection, not the one that listens. */
function descendants(name: string): number[] {
  const all = processes()
  const listeners = children(name)
  const found: number[] = []
  for (let parents = listeners; parents.length > 0; ) {
    parents = all
      .filter((candidate) => parents.includes(candidate.parent) && candidate.name === name)
      .map(({ pid }) => pid)
    found.push(...parents)
  }
  return found
}
