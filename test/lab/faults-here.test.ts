// What goes wrong while Anneal runs on this machine: two at once, Ctrl-C, runs that take too long, end their own connection or
// leave something behind.
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Done, type JsonLine, type Running, siteDir, type SiteDir } from '../support/site-dir.ts'

let site: SiteDir
beforeEach(() => {
  site = siteDir()
})
afterEach(() => site.end())

/** Says `begun`, then waits until the file `go` is there. */
const WAITS =
  'cd "$ANNEAL_INPUT_DIR"; echo $$ >>begun; until [ -e go ]; do sleep 0.02; done; echo done >>done'

function make(
  roles: Record<string, { run: string; requires?: string[]; deadline?: string; retry?: object }>,
): void {
  const dir = { type: 'string', default: site.directory }
  site.make({
    roles: Object.fromEntries(
      Object.entries(roles).map(([name, { run, ...more }]) => [
        name,
        { inputs: { dir }, apply: { run }, ...more },
      ]),
    ),
  })
}

describe('two at once', () => {
  test('the second says who is busy, and since when; looking is free', async () => {
    make({ slow: { run: WAITS } })
    const first = site.start('up', '--yes')
    await first.says(/^> d\/here\/slow/m)

    const second = await site.json('up', '--yes')
    expect(second.code).toBe(1)
    const { refusal } = second.lines.at(-1) as JsonLine
    expect(refusal).toMatchObject({ code: 'busy', holder: 'anneal up --yes' })
    expect(refusal.message).toMatch(
      new RegExp(`busy: anneal up --yes \\(pid ${first.pid} on host \\S+\\) has been working here for \\d`),
    )
    expect(second.done.stderr).toContain(refusal.message)
    expect(second.done.stderr).toMatch(/next: anneal watch/)
    expect(await site.anneal('forget', 'here', '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/busy/),
    })
    expect(await site.anneal('status')).toMatchObject({ code: 2, stdout: expect.stringMatching(/1 running/) })
    const why = await site.anneal('why', 'here/slow')
    expect(why.stdout).toMatch(/run-1 is applying it for/)
    expect(await site.anneal('diff')).toMatchObject({ code: 2 })
    const watch = site.start('watch', '--until-rest')

    site.write({ go: '' })
    expect((await first.ended).code).toBe(0)
    expect(await watch.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/ready/) })
  })

  test('many at the same instant: one works, the others say so', async () => {
    make({ slow: { run: WAITS } })
    const all = Array.from({ length: 4 }, () => site.start('up', '--yes'))
    const busy = await firstToEnd(all, all.length - 1)
    expect(busy.map(({ code, stderr }) => [code, /busy/.test(stderr)])).toEqual([
      [1, true],
      [1, true],
      [1, true],
    ])
    site.write({ go: '' })
    const codes = (await Promise.all(all.map((one) => one.ended))).map(({ code }) => code)
    expect(codes.filter((code) => code === 0)).toHaveLength(1)
    expect(site.read('begun').trim().split('\n')).toHaveLength(1)
  })
})

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  test('once: what runs is let finish, nothing new starts, and the next up goes on', async () => {
    make({
      slow: { run: WAITS },
      next: { run: 'cd "$ANNEAL_INPUT_DIR"; echo next >>done', requires: ['slow'] },
    })
    const first = site.start('up', '--yes')
    await first.says(/^> d\/here\/slow/m)
    first.kill(signal)
    await first.says(/stopping: runs in flight finish/)
    site.write({ go: '' })
    const { code, stdout } = await first.ended
    expect(code).toBe(130)
    expect(stdout).toMatch(/d\/here\/slow {2}done/)
    expect(stdout).toMatch(/interrupted: anneal up goes on from here/)
    expect(site.read('done')).toBe('done\n')
    const status = await site.anneal('status')
    expect(status).toMatchObject({ code: 2, stdout: expect.stringMatching(/d\/here\/next +todo/) })

    const { lines, done } = await site.json('up', '--yes')
    expect(done.code, done.said).toBe(0)
    expect(site.read('done')).toBe('done\nnext\n')
    expect(lines.filter(({ kind, result }) => kind === 'run' && result === 'ok')).toMatchObject([
      { nodeRole: 'd/here/next' },
    ])
  })

  test('twice: it ends at once, and the next up runs again what was running', async () => {
    make({ slow: { run: WAITS } })
    const first = site.start('up', '--yes')
    await fileSays('begun', /\n/)
    first.kill(signal)
    await first.says(/stopping/)
    const { code } = await first.insist(signal)
    expect(code).toBe(130)

    while (pids('begun').some(isAlive)) await pause()
    site.write({ go: '' })
    const { lines, done } = await site.json('up', '--yes')
    expect(done.code, done.said).toBe(0)
    expect(site.read('done')).toBe('done\n')
    expect(lines.filter(({ kind, result }) => kind === 'run' && result === 'lost')).toMatchObject([
      { run: 'run-1' },
    ])
  })
})

test('a run past its deadline is ended with all that it started', async () => {
  make({
    slow: {
      run: 'cd "$ANNEAL_INPUT_DIR"; echo working; sleep 600 & echo "$!" >>begun; echo $$ >>begun; wait',
      // Long enough for both to have been written on a machine that has much else to do.
      deadline: '6s',
      retry: { attempts: 1 },
    },
    after: { run: 'true', requires: ['slow'] },
    beside: { run: 'true' },
  })
  const { code, lines } = await site.json('up', '--yes')
  expect(code).toBe(3)
  expect((lines.at(-1) as JsonLine)['problems']).toMatchObject([
    { id: 'd/here/after', reason: { kind: 'requirement', nodeRole: 'd/here/slow' } },
    {
      id: 'd/here/slow',
      reason: {
        kind: 'failed',
        message: expect.stringMatching('not done after 6 s'),
        fault: { code: 'deadline' },
      },
    },
  ])
  expect(pids('begun')).toHaveLength(2)
  expect(pids('begun').filter(isAlive)).toEqual([])
  const why = await site.anneal('why', 'here/after')
  expect(why.stdout).toMatch(/d\/here\/slow +error .*not done after 6 s/)
  expect((await site.anneal('why', 'here/slow')).stdout).toMatch(
    /next: .*`deadline`, then anneal retry d\/here\/slow/,
  )
  expect((await site.anneal('logs', 'here/slow')).stdout).toMatch(/working/)
})

test('a script that ends its own connection is tried again, and not for ever', async () => {
  make({
    rogue: {
      run: 'echo ran >>"$ANNEAL_INPUT_DIR/ran"; kill -9 "$PPID"; sleep 600',
      retry: { attempts: 2, backoff: '1ms' },
    },
    beside: { run: 'true' },
  })
  const { code, lines, done } = await site.json('up', '--yes')
  expect(code, done.said).toBe(3)
  expect((lines.at(-1) as JsonLine)['problems']).toMatchObject([
    { id: 'd/here/rogue', state: 'error', reason: { kind: 'failed' } },
  ])
  expect(site.read('ran').trim().split('\n').length).toBeLessThanOrEqual(3)
  expect(await site.json('status')).toMatchObject({
    lines: expect.arrayContaining([expect.objectContaining({ id: 'd/here/beside', state: 'active' })]),
  })
})

test('what a script leaves behind lives on, and holds nobody up', async () => {
  make({
    daemon: {
      run: 'cd "$ANNEAL_INPUT_DIR"; (trap "" HUP; i=0; while [ ! -e go ] && [ $i -lt 3000 ]; do i=$((i+1)); echo still here; sleep 0.02; done) & echo "$!" >>begun',
    },
    after: { run: 'echo after', requires: ['daemon'] },
  })
  const { code, said } = await site.anneal('up', '--yes')
  expect(code, said).toBe(0)
  expect(pids('begun').filter(isAlive)).toHaveLength(1)
  expect((await site.anneal('logs', 'here/after')).stdout).not.toMatch(/still here/)
  expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
  site.write({ go: '' })
  while (pids('begun').some(isAlive)) await pause()
})

/** Resolves when so many have ended, with what they said. */
async function firstToEnd(all: Running[], count: number): Promise<Done[]> {
  const ended: Done[] = []
  const left = new Set(all)
  while (ended.length < count) {
    const [one, done] = await Promise.race([...left].map(async (each) => [each, await each.ended] as const))
    left.delete(one)
    ended.push(done)
  }
  return ended
}

async function fileSays(name: string, pattern: RegExp): Promise<void> {
  for (;;) {
    try {
      if (pattern.test(site.read(name))) return
    } catch {
      // not there yet
    }
    await pause()
  }
}

function pids(name: string): number[] {
  return site.read(name).trim().split('\n').map(Number)
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}
