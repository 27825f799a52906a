// Faults of machines in the middle of a run: cut off, rebooted, without their connection, and Anneal itself killed. Nothing but
// what depends on them waits, `why` says for whom, and all heals when they return.
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFailed,
  onTestFinished,
  test,
} from 'vitest'
import { cutHost, healHost, startHost, stopHost } from '../../src/lab/breakage.ts'
import { labDown } from '../../src/lab/down.ts'
import { labExec } from '../../src/lab/exec.ts'
import { labInventory } from '../../src/lab/keys.ts'
import { openLab } from '../../src/lab/lab.ts'
import { labUp } from '../../src/lab/up.ts'
import { type JsonLine, type Running, siteDir } from '../support/site-dir.ts'
import { onTerminal, strangeControls } from '../support/terminal.ts'

const LONG_MS = 600_000
const HOSTS = ['f1', 'f2', 'f3']
/** So that a silent machine is noticed in two seconds and not in fifteen. */
const QUICK = { ServerAliveInterval: '1', ServerAliveCountMax: '2', ConnectTimeout: '2' }

const site = siteDir()
const lab = openLab({ name: 'e2e-faults', stateHome: site.path('labs') })
let time = 0

/** Runs until the file `go-TIME` is there. Says when another one of its kind is alive. */
const LONG = `#!/bin/sh
set -eu
mkdir -p /root/e2e && cd /root/e2e
if [ -f /run/e2e.pid ] && kill -0 "$(cat /run/e2e.pid)" 2>/dev/null; then echo "beside $ANNEAL_INPUT_TIME" >>log; fi
echo $$ >/run/e2e.pid
echo "start $ANNEAL_INPUT_TIME" >>log
until [ -e "go-$ANNEAL_INPUT_TIME" ]; do sleep 0.05; done
echo "end $ANNEAL_INPUT_TIME" >>log
rm -f /run/e2e.pid
echo "value=$ANNEAL_NODE-$ANNEAL_INPUT_TIME" >>"$ANNEAL_OUTPUTS"
`

function make(more: Record<string, object> = {}): void {
  const nodes = Object.entries(labInventory(lab).nodes).map(([name, { ssh }]) => [
    name,
    { ssh: { ...ssh, options: QUICK } },
  ])
  const long = {
    inputs: { time: { type: 'integer', default: time } },
    outputs: { value: { type: 'string' } },
    apply: 'long.sh',
    retry: { attempts: 3, backoff: '100ms' },
  }
  const after = { requires: ['long'], inputs: { value: { from: 'long.value' } }, apply: { run: 'true' } }
  const sum = { inputs: { all: { from: 'long.value', take: 'map' } }, apply: { run: 'true' } }
  const place = ['long', 'after', { role: 'sum', nodes: ['f1'] }, ...Object.keys(more)]
  site.make({ nodes: Object.fromEntries(nodes), roles: { long, after, sum, ...more }, place })
  site.write({ 'packages/p/scripts/long.sh': LONG })
}

beforeAll(async () => {
  await labUp(lab, { names: HOSTS })
}, LONG_MS)
afterAll(async () => {
  await labDown(lab)
  await site.end()
}, LONG_MS)
beforeEach(() => {
  time += 1
  make()
})
afterEach(async () => {
  for (const host of HOSTS) expect(await onHost(host, 'grep beside /root/e2e/log || :')).toBe('')
}, LONG_MS)

describe('a machine that is cut off in the middle of a run', { timeout: LONG_MS }, () => {
  test('holds back what depends on it and nothing else; why says so; it goes on when it is back', async () => {
    const up = site.start('up', '--yes', '--json')
    await allStarted(up)
    await cutHost(lab, 'f2')
    onTestFailed(() => healHost(lab, 'f2'))
    await go('f1', 'f3')
    const { code, stdout } = await up.ended
    expect(code, stdout).toBe(3)
    const problems = problemsIn(stdout)
    expect(problems.map(({ id, state }) => [id, state])).toEqual([
      ['d/f1/sum', 'blocked'],
      ['d/f2/after', 'blocked'],
      ['d/f2/long', 'blocked'],
    ])
    expect(problems.find(({ id }) => id === 'd/f2/long')?.['reason']).toMatchObject({
      kind: 'notAlive',
      node: 'f2',
      fault: { code: 'unreachable', message: expect.stringMatching(/f2 \([\d.]+\) does not answer|f2/) },
    })

    const why = await site.anneal('why', 'f1/sum')
    expect(why.stdout).toMatch(/d\/f1\/sum +blocked/)
    expect(why.stdout).toMatch(/the output value is known of 2 of the 3 .* missing of d\/f2\/long/)
    expect(why.stdout).toMatch(/└ d\/f2\/long +blocked +f2 has not answered for/)
    const nodes = await site.json('nodes')
    expect(nodes.lines.filter(({ alive }) => alive === 'no')).toMatchObject([
      { name: 'f2', fault: { code: 'unreachable' } },
    ])

    await healHost(lab, 'f2')
    await go('f2')
    const again = await site.json('up', '--yes')
    expect(again.code, again.done.said).toBe(0)
    expect(ranOk(again.lines).sort()).toEqual(['d/f1/sum', 'd/f2/after', 'd/f2/long'])
    for (const host of ['f1', 'f3']) expect(await starts(host)).toBe(1)
  })

  test('with --stay it heals by itself', async () => {
    const up = site.start('up', '--yes', '--stay')
    await allStarted(up)
    await cutHost(lab, 'f2')
    onTestFailed(() => healHost(lab, 'f2'))
    await go('f1', 'f3')
    await up.says(/! f2 is not alive/)
    await up.says(/\+ d\/f3\/after/)
    await healHost(lab, 'f2')
    await go('f2')
    await up.says(/\+ f2 answers again/)
    await up.says(/\+ d\/f1\/sum/)
    await up.says(/\+ d\/f2\/after/)
    up.kill('SIGINT')
    expect((await up.ended).code).toBe(0)
    for (const host of ['f1', 'f3']) expect(await starts(host)).toBe(1)
    expect(await site.anneal('status')).toMatchObject({ code: 0 })
  })
})

test('sshd may be restarted while a run is in flight: it goes on', { timeout: LONG_MS }, async () => {
  const up = site.start('up', '--yes')
  await allStarted(up)
  await onHost('f1', 'systemctl restart ssh')
  await go(...HOSTS)
  const { code, said } = await up.ended
  expect(code, said).toBe(0)
  expect(await starts('f1')).toBe(1)
})

test('a connection that dies is opened again, and the run is made again once what it left is gone', {
  timeout: LONG_MS,
}, async () => {
  const up = site.start('up', '--yes')
  await allStarted(up)
  await onHost('f1', "pkill -KILL -f '^sshd: root'")
  await up.says(/> d\/f1\/long +apply, nobody knows how run-\d+ ended/)
  await go(...HOSTS)
  const { code, said } = await up.ended
  expect(code, said).toBe(0)
  expect(await starts('f1')).toBe(2)
  expect(await starts('f2')).toBe(1)
})

test('a machine that is rebooted in the middle of a run does it again', { timeout: LONG_MS }, async () => {
  const up = site.start('up', '--yes')
  await allStarted(up)
  await stopHost(lab, 'f3')
  onTestFailed(() => startHost(lab, 'f3'), LONG_MS)
  await go('f1', 'f2')
  await startHost(lab, 'f3')
  await go('f3')
  // How long the boot took decides whether this one has waited for it.
  expect([0, 3]).toContain((await up.ended).code)
  const again = await site.anneal('up', '--yes')
  expect(again.code, again.said).toBe(0)
  expect(await starts('f3')).toBe(2)
  for (const host of ['f1', 'f2']) expect(await starts(host)).toBe(1)
})

test('a machine that is silent and one that refuses are told apart, and one look at each is enough', {
  timeout: LONG_MS,
}, async () => {
  await cutHost(lab, 'f2')
  onTestFinished(() => healHost(lab, 'f2'))
  await onHost('f3', 'systemctl stop ssh.socket ssh.service')
  onTestFinished(async () => void (await onHost('f3', 'systemctl start ssh.service')))
  const lost = async (host: string): Promise<unknown[]> => {
    const { code, lines, done } = await site.json('up', '--yes', '--only', host)
    expect(code, done.said).toBe(3)
    return lines
      .filter(({ kind, alive }) => kind === 'node' && alive === 'no')
      .map(({ name, fault }) => [name, (fault as { message: string }).message])
  }
  expect(await lost('f2')).toEqual([['f2', expect.stringMatching(/does not answer/)]])
  expect(await lost('f3')).toEqual([['f3', expect.stringMatching(/nothing listens for ssh/)]])
  await healHost(lab, 'f2')
  await onHost('f3', 'systemctl start ssh.service')
  await go(...HOSTS)
  expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
})

test('kill -9 of Anneal: what ran over ssh is ended before it runs again', { timeout: LONG_MS }, async () => {
  const up = site.start('up', '--yes')
  await allStarted(up)
  await go('f2')
  await up.says(/\+ d\/f2\/after/)
  up.kill('SIGKILL')
  await up.ended
  const again = site.start('up', '--yes')
  await again.says(/> d\/f1\/long +apply, nobody knows how run-\d+ ended/)
  await again.says(/> d\/f3\/long +apply, nobody knows how run-\d+ ended/)
  await go('f1', 'f3')
  const { code, said } = await again.ended
  expect(code, said).toBe(0)
  expect([await starts('f1'), await starts('f2'), await starts('f3')]).toEqual([2, 1, 2])
})

test('a script that ends its own connection is given up after a few tries, and holds nothing else', {
  timeout: LONG_MS,
}, async () => {
  await go(...HOSTS)
  make({
    rogue: {
      apply: { run: `echo ran >>/root/e2e/rogue; pkill -KILL -f '^sshd: root'; sleep 600` },
      retry: { attempts: 1 },
    },
  })
  const { code, lines, done } = await site.json('up', '--yes')
  expect(code, done.said).toBe(3)
  expect((lines.at(-1) as JsonLine)['problems'].map(({ id, reason }: JsonLine) => [id, reason.kind])).toEqual(
    HOSTS.map((host) => [`d/${host}/rogue`, 'failed']),
  )
  expect(Number(await onHost('f1', 'wc -l </root/e2e/rogue'))).toBe(3)
  expect(await onHost('f1', "pgrep -f '[s]leep 600' || echo none")).toBe('none')
})

test('facts are shown, and not obeyed', { timeout: LONG_MS }, async () => {
  await go(...HOSTS)
  await onHost(
    'f1',
    `printf 'PRETTY_NAME="evil \\033[2J\\033]0;pwned\\007 \\302\\233 os"\\nID=debian\\nVERSION_ID="\\033[31m"\\n' >/etc/os-release`,
  )
  expect((await site.anneal('up', '--yes')).code).toBe(0)
  for (const words of [['nodes'], ['facts', 'f1'], ['facts', 'f1', 'os']]) {
    const shown = await onTerminal(site.directory, words)
    expect(shown).toMatch(/evil/)
    expect(strangeControls(shown)).toEqual([])
  }
})

async function allStarted(up: Running): Promise<void> {
  for (const host of HOSTS) {
    await up.says(new RegExp(`"nodeRole":"d/${host}/long"[^\n]*"result":"running"|^> d/${host}/long`, 'm'))
    await onHost(host, `until grep -q '^start ${time}$' /root/e2e/log 2>/dev/null; do sleep 0.02; done`)
  }
}

async function go(...hosts: string[]): Promise<void> {
  await Promise.all(hosts.map((host) => onHost(host, `mkdir -p /root/e2e; touch /root/e2e/go-${time}`)))
}

async function starts(host: string): Promise<number> {
  return Number(await onHost(host, `grep -c '^start ${time}$' /root/e2e/log || :`))
}

async function onHost(host: string, script: string): Promise<string> {
  const done = await labExec(lab, host, ['sh', '-c', script])
  if (done.code !== 0) throw new Error(`${host}: ${script}: ${done.stderr}`)
  return done.stdout.trim()
}

function problemsIn(stdout: string): JsonLine[] {
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as JsonLine)['problems'] as JsonLine[]
}

function ranOk(lines: JsonLine[]): string[] {
  return lines
    .filter(({ kind, result }) => kind === 'run' && result === 'ok')
    .map((line) => String(line['nodeRole']))
}
