// What a run costs, in counts that no machine changes: round trips, bytes, and processes at the far end.
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import type { Session, Work, WorkFile, WorkScript } from '../../src/model/work.ts'
import { localTransport } from '../../src/transports/local.ts'

const ROLES = 10
/** What the far end may call; each call is written down by a program of the same name that stands in front. */
const PROGRAMS = [
  'cat',
  'chmod',
  'chown',
  'dd',
  'env',
  'mkdir',
  'mkfifo',
  'mv',
  'rm',
  'setpriv',
  'setsid',
  'sha256sum',
  'sleep',
  'stat',
  'sync',
]

let directory: string
let session: Session
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'anneal-counts-'))
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  for (const name of PROGRAMS) {
    const real = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
    writeFileSync(join(bin, name), `#!/bin/sh\necho ${name} >>${directory}/called\nexec ${real} "$@"\n`)
    chmodSync(join(bin, name), 0o755)
  }
  session = await open('here')
})
afterAll(async () => {
  await session.close()
  rmSync(directory, { recursive: true })
})

test('files of a role that has no script: one round trip, and a process for each thing that only a process can do', async () => {
  const cost = await costOf(() => session.carryOut(workOf([fileOf(0, 'first')]), NEVER))
  expect(cost.roundTrips).toBe(1)
  expect(cost.called.filter((name) => name !== 'chown')).toEqual(['chmod', 'dd', 'mv'])
  expect(cost.bytesSent).toBeLessThan(300)
})

test('ten roles: ten round trips, with their content sent once', async () => {
  const files = Array.from({ length: ROLES }, (_, i) => fileOf(i, 'second'))
  const cost = await costOf(async () => {
    for (const file of files) await session.carryOut(workOf([file]), NEVER)
  })
  expect(cost.roundTrips).toBe(ROLES)
  expect(cost.contentBytesSent).toBe(files.reduce((sum, { bytes }) => sum + bytes.length, 0))
})

test('ten roles that stand as they should: no content, nothing written', async () => {
  const files = Array.from({ length: ROLES }, (_, i) => fileOf(i, 'second'))
  const cost = await costOf(() => session.carryOut(workOf(files), NEVER))
  expect(cost).toMatchObject({ roundTrips: 1, contentBytesSent: 0, called: ['sha256sum', 'stat'] })
})

test('ten roles looked at: one round trip, one process that takes it in, and two for all files', async () => {
  const works = Array.from({ length: ROLES }, (_, i) => workOf([fileOf(i, 'second')], 'show'))
  const cost = await costOf(() => session.carryOutTogether(works, NEVER))
  expect(cost).toMatchObject({ roundTrips: 1, contentBytesSent: 0 })
  expect(cost.called).toEqual(['dd', 'sha256sum', 'stat'])
  expect(cost.bytesSent).toBeLessThan(300 * ROLES)
})

test('four scripts that look: one session for all of them, and no shell for those that are plain sh', async () => {
  const newWorks = (): Work[] =>
    [1, 2, 3, 4].map((exit) => ({
      ...workOf([], 'show'),
      script: scriptOf(`exit ${exit} # ${randomUUID()}`),
    }))
  const bytesOf = (looks: Work[]): number =>
    looks.reduce((sum, { script }) => sum + (script?.bytes.length ?? 0), 0)
  const look = async (one: Session, looks: Work[], contentBytesSent = bytesOf(looks)): Promise<string[]> => {
    const cost = await costOf(async () => {
      const results = await one.carryOutTogether(looks, NEVER)
      expect(results).toMatchObject([{ exit: 1 }, { exit: 2 }, { exit: 3 }, { exit: 4 }])
    }, one)
    expect(cost).toMatchObject({ roundTrips: 1, contentBytesSent })
    return cost.called.filter((name) => !['rm', 'sleep'].includes(name))
  }
  const known: string[][] = []
  const others: string[][] = []
  const isSeen = (): boolean =>
    known.some((names) => names.join() === 'dd') && others.some((names) => names.join() === 'dd,mkdir,mv')
  // Some times: where others of this machine begin so many processes that nobody can tell what a script left, it has no leader.
  for (let i = 0; i < 20 && !isSeen(); i++) {
    const one = await open(`looked at ${i}`)
    // All that are new are taken in by one process and kept by two.
    const works = newWorks()
    const first = await look(one, works)
    expect(first.filter((name) => ['dd', 'mkdir', 'mv'].includes(name))).toEqual(['dd', 'mkdir', 'mv'])
    for (const _ of [1, 2, 3]) {
      known.push(await look(one, works, 0))
      others.push(await look(one, newWorks()))
    }
    await one.close()
  }
  expect(known).toContainEqual(['dd'])
  expect(others).toContainEqual(['dd', 'mkdir', 'mv'])
})

test('a script: a session, and no forwarder that is not there already', async () => {
  const work: Work = { ...workOf([], 'write'), script: scriptOf('echo out; echo err >&2') }
  await session.carryOut(work, NEVER)
  const called: string[][] = []
  for (let i = 0; i < 10; i++) {
    const cost = await costOf(() => session.carryOut(work, NEVER))
    expect(cost).toMatchObject({ roundTrips: 1, contentBytesSent: 0 })
    called.push(cost.called)
  }
  // Not each time: what earlier ones left is cleared away now and then, and a forwarder that a busy machine held up is not waited for.
  expect(called).toContainEqual(['setsid'])
})

test('a script that is new and short: one process keeps it', async () => {
  const called: string[][] = []
  for (let i = 0; i < 10; i++) {
    const work: Work = { ...workOf([], 'write'), script: scriptOf(`exit 0 # ${randomUUID()}`) }
    called.push((await costOf(() => session.carryOut(work, NEVER))).called)
  }
  expect(called).toContainEqual(['mv', 'setsid'])
  // Directories are made some at once.
  expect(called.flat().filter((name) => name === 'mkdir').length).toBeLessThanOrEqual(2)
})

test('a script where forwarders cannot be tied to the loop: a pair of its own, which what is left behind keeps', async () => {
  const bin = join(directory, 'bin')
  const tied = readFileSync(join(bin, 'setpriv'))
  writeFileSync(join(bin, 'setpriv'), '#!/bin/sh\nexit 1\n')
  const untied = await open('untied')
  const said: string[] = []
  const work: Work = {
    ...workOf([], 'write'),
    script: scriptOf('echo mine'),
    onOutput: (_stream, bytes) => void said.push(Buffer.from(bytes).toString()),
  }
  const noise = `sh -c 'while [ -d ${bin} ] && [ ! -e ${bin}/over ]; do echo noise; sleep 0.05; done' &`
  const leaving = (text: string): Work => ({ ...work, script: scriptOf(text), onOutput: () => {} })
  await untied.carryOut(work, NEVER)
  const cost = await costOf(() => untied.carryOut(work, NEVER))
  expect(cost.called.filter((name) => !['rm', 'sleep'].includes(name))).toEqual(['cat', 'cat', 'setsid'])
  await untied.carryOut(leaving(`setsid ${noise}`), NEVER)
  for (const _ of [1, 2, 3]) await untied.carryOut(work, NEVER)
  // There is no leader either.
  for (const _ of [1, 2, 3]) await untied.carryOutTogether([work, leaving(noise), work], NEVER)
  writeFileSync(join(bin, 'over'), '')
  expect(said.join('')).toBe('mine\n'.repeat(11))
  await untied.close()
  writeFileSync(join(bin, 'setpriv'), tied)
})

test('a session that finds too many scripts leaves those of today: others rely on them', async () => {
  let path = ''
  const onOutput = (_stream: unknown, bytes: Uint8Array): void => void (path += Buffer.from(bytes).toString())
  const work: Work = { ...workOf([], 'write'), script: scriptOf(`echo "$0" # ${randomUUID()}`), onOutput }
  await session.carryOut(work, NEVER)
  const cache = dirname(dirname(path.trim()))
  const old = Array.from({ length: 401 }, () => join(cache, randomUUID().replaceAll('-', '')))
  const before = Date.now() / 1000 - 2 * 86_400
  for (const directory of old) {
    mkdirSync(directory)
    writeFileSync(join(directory, 'check.sh'), '#!/bin/sh\n')
    utimesSync(directory, before, before)
  }
  await (await open('another')).close()
  expect(old.filter((directory) => existsSync(directory))).toEqual([])
  expect(await costOf(() => session.carryOut(work, NEVER))).toMatchObject({
    roundTrips: 1,
    contentBytesSent: 0,
  })
})

const NEVER = new AbortController().signal

async function open(name: string): Promise<Session> {
  const transport = localTransport({
    owner: directory,
    env: { PATH: `${directory}/bin:${process.env['PATH']}`, HOME: directory },
  })
  const opened = await transport.open(
    { name, transport: { kind: 'local' } },
    { signal: NEVER, connectTimeoutMs: 60_000, notice: () => {} },
  )
  if (!opened.ok) throw new Error(opened.fault.message)
  return opened.session
}

async function costOf(
  work: () => Promise<unknown>,
  of: Session = session,
): Promise<Session['traffic'] & { called: string[] }> {
  const log = join(directory, 'called')
  writeFileSync(log, '')
  const before = { ...of.traffic }
  await work()
  const { roundTrips, bytesSent, contentBytesSent } = of.traffic
  return {
    roundTrips: roundTrips - before.roundTrips,
    bytesSent: bytesSent - before.bytesSent,
    contentBytesSent: contentBytesSent - before.contentBytesSent,
    called: readFileSync(log, 'utf8').split('\n').filter(Boolean).sort(),
  }
}

function scriptOf(text: string): WorkScript {
  const bytes = Buffer.from(`#!/bin/sh\n${text}\n`)
  return { name: 'check.sh', digest: digestOfBytes(bytes), bytes }
}

function fileOf(n: number, text: string): WorkFile {
  const bytes = Buffer.from(`${text} ${n}\n`)
  const [owner, group] = [String(process.getuid?.()), String(process.getgid?.())]
  return {
    path: join(directory, `file-${n}`),
    bytes,
    digest: digestOfBytes(bytes),
    mode: '0644',
    owner,
    group,
  }
}

function workOf(files: WorkFile[], filesMode: Work['filesMode'] = 'write'): Work {
  return { files, filesMode, env: {}, inputs: '{}', become: false, deadlineMs: 60_000, onOutput: () => {} }
}
