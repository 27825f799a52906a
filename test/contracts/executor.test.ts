// The executor on real far ends: words arrive as they are, output comes back, and what runs too long or is not wanted is ended.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TransportSpec } from '../../src/model/site.ts'
import type { ExecOrder } from '../../src/runner/executor.ts'
import { LocalExecutor } from '../../src/runner/local-executor.ts'
import { readTranscript } from '../../src/runner/transcript.ts'
import { localTransport } from '../../src/transports/local.ts'
import { sshTransport } from '../../src/transports/ssh.ts'
import { until } from './transport.ts'
import { freePort } from '../support/free-port.ts'
import { startSshd, type TestSshd } from './transport-sshd.ts'

let sshd: TestSshd
let site: string
let executor: LocalExecutor
let notices: string[]
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())
beforeEach(() => {
  site = mkdtempSync(join(tmpdir(), 'anneal-exec-'))
  notices = []
  executor = new LocalExecutor({
    siteDir: site,
    transports: [sshTransport({ siteDir: site, owner: 'test' }), localTransport({ owner: 'test' })],
    notice: (node, message) => notices.push(`${node}: ${message}`),
  })
})
afterEach(async () => {
  await executor.close()
  rmSync(site, { recursive: true, force: true })
})

describe.each(['local', 'ssh'] as const)('over %s', { timeout: 300_000 }, (kind) => {
  const spec = (): TransportSpec => (kind === 'local' ? { kind } : sshd.spec())

  test('words arrive as they are, whatever is in them', async () => {
    const words = [
      'a  b',
      '',
      '$(touch pwned)',
      '`id`',
      '"quoted" \'twice\'',
      'two\nlines\n',
      '-n',
      '*',
      '\\',
      'ü€',
    ]
    const done = await run(['printf', '<%s>\\n', ...words])
    expect(done.outcome).toMatchObject({ result: 'done', exit: 0 })
    expect(done.stdout).toBe(words.map((word) => `<${word}>\n`).join(''))
  })

  test('many words, and none of them left in its environment', async () => {
    const words = Array.from({ length: 300 }, (_, i) => `word-${i}`)
    const done = await run(['sh', '-c', 'echo $#; env | grep -c ANNEAL_EXEC', 'sh', ...words])
    expect(done.stdout).toBe('300\n0\n')
  })

  test('both streams, the exit code and a transcript', async () => {
    const done = await run(['sh', '-c', 'echo out; echo err >&2; exit 7'])
    expect(done).toMatchObject({ outcome: { result: 'done', exit: 7 }, stdout: 'out\n', stderr: 'err\n' })
    const lines: string[] = []
    for await (const { from, bytes } of readTranscript(site, 'exec-1-n1'))
      lines.push(`${from} ${bytes.toString()}`)
    expect(lines[0]).toMatch(/^note exec-1 on n1: \["sh","-c"/)
    expect(lines.slice(1, -1).toSorted()).toEqual(['stderr err', 'stdout out'])
    expect(lines.at(-1)).toMatch(/^note exit 7 \(/)
  })

  test('it has no input to wait for', async () => {
    expect(await run(['cat'])).toMatchObject({ outcome: { result: 'done', exit: 0 }, stdout: '' })
  })

  test('what is not there says so', async () => {
    const done = await run(['no-such-command-here'])
    expect(done).toMatchObject({ outcome: { result: 'done', exit: 127 } })
  })

  test('what takes too long is ended', async () => {
    const done = await run(['sleep', '600'], { deadlineMs: 500 })
    expect(done.outcome).toMatchObject({ result: 'fault', fault: { code: 'deadline' } })
  })

  test('an interrupt ends the whole of it over there', async () => {
    const interrupt = new AbortController()
    const pids = join(site, 'pids')
    const running = run(['sh', '-c', 'sleep 600 & echo $! >"$1"; echo begun; wait', 'sh', pids], {
      signal: interrupt.signal,
      onOutput: () => interrupt.abort(),
    })
    expect((await running).outcome).toMatchObject({ result: 'fault', fault: { code: 'cancelled' } })
    await until(() => !isAlive(Number(readFileSync(pids, 'utf8'))))
  })

  function run(argv: string[], more: Partial<ExecOrder> & { signal?: AbortSignal } = {}) {
    return carryOut(spec(), argv, more)
  }
})

test('one that cannot be reached is a fault, and one that was not begun never is', {
  timeout: 300_000,
}, async () => {
  const port = await freePort()
  const unreachable = await carryOut(sshd.spec({ port }), ['true'])
  expect(unreachable.outcome).toMatchObject({ result: 'fault', fault: { code: 'unreachable' } })
  const interrupted = await carryOut({ kind: 'local' }, ['touch', join(site, 'begun')], {
    signal: AbortSignal.abort(),
  })
  expect(interrupted.outcome).toMatchObject({ result: 'fault', fault: { code: 'cancelled' } })
})

test('a transcript that cannot be kept is said, and the command goes on', async () => {
  writeFileSync(join(site, '.anneal'), 'in the way')
  const done = await carryOut({ kind: 'local' }, ['echo', 'hi'])
  expect(done).toMatchObject({ outcome: { result: 'done', exit: 0 }, stdout: 'hi\n' })
  expect(notices).toEqual([expect.stringMatching(/^n1: the transcript of exec-1-n1 is not complete/)])
})

/** Both far ends are on this machine. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function carryOut(
  transport: TransportSpec,
  argv: string[],
  more: Partial<ExecOrder> & { signal?: AbortSignal } = {},
) {
  const said = { stdout: '', stderr: '' }
  const { signal = new AbortController().signal, ...rest } = more
  const outcome = await executor.carryOut(
    {
      exec: 'exec-1',
      node: { name: 'n1', transport },
      argv,
      become: false,
      deadlineMs: 30_000,
      ...rest,
      onOutput(stream, bytes) {
        said[stream] += Buffer.from(bytes).toString()
        void rest.onOutput?.(stream, bytes)
      },
    },
    signal,
  )
  return { outcome, exit: outcome.result === 'done' ? outcome.exit : undefined, ...said }
}
