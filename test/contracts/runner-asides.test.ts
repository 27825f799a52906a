// Commands and dry runs by way of a real runner: beside what runs there, ended with whoever asked, said where it is lost or away.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Running, siteDir } from '../support/site-dir.ts'
import { untilIn } from '../support/until.ts'

const site = siteDir()
const gate = site.path('gate')
let server: string
let runner: Running
const over = new AbortController()
const until = untilIn(over.signal)

beforeAll(async () => {
  site.write({ 'server.yaml': 'runners: { lease: 3s }\n' })
  make(1)
  server = (await site.start('serve', '--listen', '127.0.0.1:0').says(/http:\/\/[\d.:]+/))[0]
})
afterAll(async () => {
  over.abort()
  await site.end()
})

/** One role whose script waits at a gate, and whose file stands on the node. */
function make(version: number): void {
  site.make({
    nodes: { far: { local: true, runner: { segment: 'a' } }, here: { local: true } },
    roles: {
      kept: {
        inputs: { version: { type: 'integer', default: version } },
        files: { [site.path('kept')]: { template: 'kept.j2', mode: '0644' } },
        apply: { run: `while [ ! -e ${gate} ]; do sleep 0.05; done` },
      },
    },
    deployment: { nodes: "node.name == 'far'", drift: 'off' },
  })
  site.write({ 'packages/p/roles/kept/kept.j2': 'version {{ inputs.version }}\n' })
}

function start(token?: string): Running {
  site.write({ 'tmp/r1/x': '' })
  const env = {
    TMPDIR: site.path('tmp/r1'),
    ...(token === undefined ? {} : { ANNEAL_RUNNER_TOKEN: token }),
  }
  return site.startWith(env, 'runner', '--server', server, '--state', site.path('state'))
}

const NOBODY = 'far is for a runner with segment=a, and none is here'

test('without a runner both say why, as anneal why does', async () => {
  expect(await site.anneal('up', '--yes')).toMatchObject({ code: 3 })
  const exec = await site.anneal('exec', '--all', '--', 'echo', 'hello')
  expect(exec.code).toBe(3)
  expect(exec.stdout).toBe('here | hello\n')
  expect(exec.stderr).toContain(NOBODY)
  expect((await site.anneal('diff', '--check')).stdout).toContain(`d/far/kept  not known: ${NOBODY}`)
  expect((await site.anneal('why', 'far/kept')).stdout).toContain(NOBODY)
})

test('a command goes by the runner, beside a run that is under way there', async () => {
  const token = (await site.anneal('runners', 'enrol', 'r1', '--label', 'segment=a')).stdout.trim()
  runner = start(token)
  await until(async () => /kept.*running|transition/.test((await site.anneal('status')).stdout))
  const words = ['sh', '-c', 'echo "${TMPDIR##*/}"; printf "half %s" "$1" >&2; exit 4', 'sh', 'a  b']
  const exec = await site.anneal('exec', 'far', '--', ...words)
  expect(exec).toMatchObject({ code: 3, stdout: 'far | r1\n' })
  expect(exec.stderr).toMatch(/far \| half a {2}b\n[^]*exit 4/)
  expect(readFileSync(site.path('.anneal/runs/exec-2-far.log'), 'utf8')).toMatch(/\no [\d.]+ r1\n/)
  writeFileSync(gate, '')
  await until(async () => /\bready\b/.test((await site.anneal('status')).stdout))
})

test('a dry run looks there with content that was not committed, and writes nothing', async () => {
  make(2)
  site.write({ 'packages/p/roles/kept/kept.j2': 'now {{ inputs.version }}\n' })
  const diff = await site.anneal('diff', '--check')
  expect(diff.stdout).toMatch(/~ d\/far\/kept\n[^]*-version 1\n[^]*\+now 2\n/)
  expect(readFileSync(site.path('kept'), 'utf8')).toBe('version 1\n')
})

test('what is interrupted ends over there', async () => {
  const exec = site.start('exec', 'far', '--', 'sh', '-c', `echo $$ >${site.path('pid')}; exec sleep 1000`)
  const pid = await until(() => existsSync(site.path('pid')) && readFileSync(site.path('pid'), 'utf8').trim())
  exec.kill('SIGINT')
  expect(await exec.ended).toMatchObject({ code: 130 })
  await until(() => !existsSync(`/proc/${pid}`))
  expect((await site.anneal('execs')).stdout).toMatch(/exec-3 .*far/)
})

test('a runner that is gone is noticed, and said', async () => {
  const exec = site.start('exec', 'far', '--', 'sh', '-c', `echo begun; sleep 0.1; echo on; sleep 1000`)
  // A line is shown once something comes after it.
  await exec.says(/begun/)
  runner.kill('SIGSTOP')
  const done = await exec.ended
  expect(done.code).toBe(3)
  expect(done.stderr).toContain('the runner r1 had it, and it was silent for 3 s')
  expect((await site.anneal('exec', 'far', '--', 'true')).stderr).toContain(`${NOBODY}: r1 is away`)
  runner.kill('SIGCONT')
  await runner.says(/what was held is given up[^]*works for the server/)
  expect(await site.anneal('exec', 'far', '--', 'echo', 'back')).toMatchObject({
    code: 0,
    stdout: 'far | back\n',
  })
})
