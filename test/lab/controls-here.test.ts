// Steering from another terminal: two real processes on one site, on this machine.
import { rmSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type JsonLine, type Running, siteDir, type SiteDir } from '../support/site-dir.ts'

let site: SiteDir
beforeEach(() => {
  site = siteDir()
})
afterEach(() => site.end())

/** Says `begun`, then waits until the file `go` is there. */
const WAITS =
  'cd "$ANNEAL_INPUT_DIR"; echo $$ >>begun; until [ -e go ]; do sleep 0.02; done; echo done >>done'
const QUICK = 'cd "$ANNEAL_INPUT_DIR"; echo quick >>done'

function make(roles: Record<string, { run: string; [more: string]: unknown }>): void {
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

async function annealing(...more: string[]): Promise<Running> {
  const up = site.start('up', '--yes', ...more)
  await up.says(/^> d\/here\/slow/m)
  return up
}

describe('while anneal up works', () => {
  test('pause keeps what follows back, over the end of the process; resume goes on', async () => {
    make({ slow: { run: WAITS }, next: { run: QUICK, requires: ['slow'] } })
    const up = await annealing()
    expect(await site.anneal('pause', '-m', 'change window')).toMatchObject({
      code: 0,
      stdout: 'held: the site  (anneal resume)\n',
      stderr: expect.stringMatching(/carried out by anneal up --yes/),
    })
    site.write({ go: '' })
    const { code, said } = await up.ended
    expect([code, said]).toEqual([4, expect.stringMatching(/has held the site for .*: change window/)])
    expect(said).toMatch(/asked: hold the site: change window/)
    expect((await site.anneal('status')).stdout).toMatch(/paused {2}by \S+ for .*: change window/)
    expect((await site.anneal('up', '--yes')).code).toBe(4)
    expect(site.read('done')).toBe('done\n')
    expect((await site.anneal('resume')).code).toBe(0)
    expect(site.read('done')).toBe('done\nquick\n')
  })

  test('stop lets the run finish and ends the other process; up goes on from there', async () => {
    make({ slow: { run: WAITS }, next: { run: QUICK, requires: ['slow'] } })
    const up = await annealing('--stay')
    expect((await site.anneal('stop')).code).toBe(0)
    site.write({ go: '' })
    expect((await up.ended).code).toBe(130)
    expect(site.read('done')).toBe('done\n')
    expect((await site.anneal('up', '--yes')).code).toBe(0)
    expect(await site.anneal('stop')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no process anneals/),
    })
  })

  test('cancel ends the run over there, and it does not start again by itself', async () => {
    make({ slow: { run: `trap 'echo ended >>"$ANNEAL_INPUT_DIR/done"; exit 1' TERM; ${WAITS}` } })
    const up = await annealing()
    const [, run = ''] = await up.says(/\((run-\d+)\)/)
    expect(await site.anneal('cancel', run, '-m', 'the wrong disk')).toMatchObject({ code: 0 })
    const { code, said } = await up.ended
    expect(code).toBe(3)
    expect(said).toMatch(/d\/here\/slow {2}\S+ cancelled run-1: the wrong disk/)
    site.write({ go: '' })
    expect((await site.anneal('retry', 'here/slow')).code).toBe(0)
  })

  test('run, retry, hold and release are carried out by the process that is there', async () => {
    make({ slow: { run: WAITS }, quick: { run: QUICK, parallel: true } })
    const up = await annealing()
    await up.says(/done in .*\(run-\d+\)/)
    expect((await site.anneal('hold', 'd/quick')).code).toBe(0)
    expect((await site.anneal('run', 'd/quick')).code).toBe(0)
    expect((await site.anneal('why', 'here/quick')).stdout).toMatch(/has held d\/quick/)
    expect((await site.anneal('release', 'd/quick', '--json')).stdout).toMatch(
      /"kind":"controlled","names":\["d\/quick"\]/,
    )
    await up.says(/quick {2}apply, \S+ asked for it/)
    expect(await site.anneal('retry', 'here/slwo')).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/did you mean d\/here\/slow/),
    })
    site.write({ go: '' })
    expect((await up.ended).code).toBe(0)
    expect(site.read('done').match(/quick/g)).toHaveLength(2)
  })

  test('a proposal is discarded, another one committed, and the process goes on with it', async () => {
    make({ slow: { run: QUICK } })
    const up = site.start('up', '--yes', '--stay')
    await up.says(/done in .*\(run-1\)/)
    make({ slow: { run: 'true' } })
    await up.says(/revision 2 waits for somebody to commit it/)
    expect(await site.anneal('discard', '2')).toMatchObject({
      code: 0,
      stdout: 'revision 2 is discarded\n',
      stderr: expect.stringMatching(/carried out by anneal up --yes --stay/),
    })
    make({ slow: { run: WAITS } })
    await up.says(/revision 3 waits for somebody to commit it/)
    expect(await site.anneal('commit')).toMatchObject({
      code: 5,
      stdout: expect.stringMatching(/revision 3 onto 1 {2}1 to change/),
    })
    expect(await site.anneal('commit', '--yes', '-m', 'as agreed')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^revision 3 onto 1[^]*\ncommitted: revision 3\n$/),
      stderr: expect.stringMatching(/carried out by anneal up --yes --stay/),
    })
    await up.says(/asked: commit revision 3: as agreed/)
    await up.says(/> d\/here\/slow {2}apply, its role changed/)
    expect(await site.anneal('commit', '2', '--yes')).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/revision 2 is discarded; only a proposed one/),
    })
    site.write({ go: '' })
    await up.says(/done in .*\(run-2\)/)
    up.kill('SIGINT')
    expect((await up.ended).code).toBe(0)
    expect((await site.anneal('timeline')).stdout).toMatch(/3 +1 +committed .* as agreed/)
  })

  test('what was proposed before somebody else committed is refused there, too, with what moved', async () => {
    make({ slow: { run: WAITS } })
    site.write({ go: '' })
    expect((await site.anneal('up', '--yes')).code).toBe(0)
    make({ slow: { run: QUICK } })
    expect((await site.anneal('propose')).code).toBe(2)
    make({ slow: { run: `${WAITS}; true` } })
    rmSync(site.path('go'))
    const up = await annealing()
    expect(await site.anneal('commit', '2', '--yes')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/the timeline has moved on since: 3 by[^]*~ roles slow/),
    })
    site.write({ go: '' })
    expect((await up.ended).code).toBe(0)
  })

  test('what waits there by Anneal’s own hand is made anew on top of what somebody commits', async () => {
    const says = (word: string): void => make({ slow: { run: `: ${word}; [ -e "$ANNEAL_INPUT_DIR/go" ]` } })
    says('one')
    expect((await site.anneal('up', '--yes')).code).toBe(3)
    says('two')
    expect((await site.anneal('propose')).code).toBe(2)
    says('one')
    site.write({ go: '' })
    const up = site.start('up', '--yes', '--stay')
    await up.says(/slow {2}done in/)
    says('three')
    await up.says(/revision 3 waits for somebody to commit it/)
    expect((await site.anneal('commit', '2', '--yes')).code).toBe(0)
    await up.says(/revision 4 waits for somebody to commit it/)
    expect((await site.anneal('show', '4')).stdout).toMatch(/revision 4 onto 2 {2}proposed/)
    up.kill('SIGINT')
    expect((await up.ended).code).toBe(4)
  })

  test('nobody else may reach it, and one that was killed is in nobody’s way', async () => {
    make({ slow: { run: WAITS } })
    const up = await annealing()
    expect(statSync(site.path('.anneal/control.sock')).mode & 0o777).toBe(0o600)
    up.kill('SIGKILL')
    await up.ended
    expect(statSync(site.path('.anneal/control.sock')).isSocket()).toBe(true)
    expect((await site.anneal('hold', 'here', '-m', 'after the crash')).code).toBe(0)
    expect(await site.anneal('up', '--yes')).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/has held here .*after the crash/),
    })
    site.write({ go: '' })
    expect((await site.anneal('release', 'here')).code).toBe(0)
    expect(() => statSync(site.path('.anneal/control.sock'))).toThrow(/ENOENT/)
  })
})

test('run --only: nothing else starts; the next up runs the rest', async () => {
  make({ one: { run: QUICK }, two: { run: QUICK }, marked: { run: QUICK, once: true } })
  expect((await site.anneal('up', '--yes')).code).toBe(0)
  make({ one: { run: `${QUICK}; true` }, two: { run: `${QUICK}; true` }, marked: { run: QUICK, once: true } })
  expect((await site.anneal('propose')).code).toBe(2)
  expect((await site.anneal('pause')).code).toBe(0)
  expect((await site.anneal('commit', '--yes')).code).toBe(4)
  expect((await site.anneal('run', 'here/one', '--only')).code).toBe(4)
  await site.json('resume')
  const only = await site.json('run', 'here/one', '--only')
  expect([only.code, (only.lines.at(-1) as JsonLine)['outcome']]).toEqual([0, 'ready'])
  const node = await site.anneal('run', 'here')
  expect([node.code, node.said]).toEqual([0, expect.stringMatching(/d\/here\/marked is left out/)])
  expect(node.stdout.match(/^> /gm)).toHaveLength(2)
})

test('up --only: all is committed, one thing is begun with', async () => {
  make({ one: { run: QUICK }, two: { run: QUICK } })
  expect(await site.anneal('up', '--yes', '--only', 'here/oen')).toMatchObject({
    code: 5,
    stderr: expect.stringMatching(/did you mean here\/one/),
  })
  const only = await site.json('up', '--yes', '--only', 'here/one')
  expect([only.code, only.lines.at(-1)]).toMatchObject([0, { outcome: 'chosenReady' }])
  expect(site.read('done')).toBe('quick\n')
  const status = await site.anneal('status')
  expect([status.code, status.stdout]).toEqual([
    2,
    expect.stringMatching(/asked for a session of d\/here\/one only/),
  ])
  expect((await site.anneal('up', '--yes')).code).toBe(0)
  expect(site.read('done')).toBe('quick\nquick\n')
})

test('exec starts nothing else, keeps what was said, and is in the journal', async () => {
  make({ one: { run: QUICK } })
  await site.anneal('pause')
  expect((await site.anneal('up', '--yes')).code).toBe(4)
  const done = await site.anneal(
    'exec',
    'node.name == "here"',
    '-m',
    'a look',
    '--',
    'sh',
    '-c',
    'echo "$1"; exit 4',
    'sh',
    'a  b',
  )
  expect(done).toMatchObject({ code: 3, stdout: 'here | a  b\n' })
  expect(done.stderr).toMatch(/! here {2}ended with exit code 4/)
  expect(() => site.read('done')).toThrow(/ENOENT/)
  expect(site.read('.anneal/runs/exec-1-here.log')).toMatch(/^o \S+ a {2}b$/m)
  const { lines } = await site.json('execs')
  expect(lines[1]).toMatchObject({
    exec: 'exec-1',
    why: 'a look',
    nodes: [{ node: 'here', outcome: { result: 'done', exit: 4 } }],
  })
  expect((await site.anneal('exec', 'here', '--', 'true')).code).toBe(0)
})
