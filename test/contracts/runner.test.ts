// The runner on real far ends: every order gets one report, whatever happens, and the transcript tells it.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { makeRenderer } from '../../src/content/renderer.ts'
import { scriptDriver } from '../../src/drivers/script.ts'
import { simulatedDriver } from '../../src/drivers/simulated.ts'
import type { CheckOutcome, CheckPart } from '../../src/model/drift.ts'
import type { ContentRef, FileSpec, OutputSpec, Role } from '../../src/model/role.ts'
import type { ContactOutcome, NodeAddress, RunOrder, RunOutcome } from '../../src/model/run.ts'
import type { Resolved } from '../../src/model/secret-reference.ts'
import type { Session } from '../../src/model/work.ts'
import { LocalRunner, type LocalRunnerOptions } from '../../src/runner/local-runner.ts'
import type { Report } from '../../src/runner/runner.ts'
import { readTranscript, transcriptPath } from '../../src/runner/transcript.ts'
import { localTransport } from '../../src/transports/local.ts'
import { simulatedTransport } from '../../src/transports/simulated.ts'
import type { Transport } from '../../src/transports/transport.ts'
import { sshTransport } from '../../src/transports/ssh.ts'
import { until } from './transport.ts'
import { freePort } from '../support/free-port.ts'
import { startSshd, type TestSshd } from './transport-sshd.ts'

const HERE: NodeAddress = { name: 'n1', transport: { kind: 'local' } }

let site: string
let reports: Report[]
let notices: string[]
let blobs: Map<string, Uint8Array>
let runner: LocalRunner
let count: number

beforeEach(() => {
  site = mkdtempSync(join(tmpdir(), 'anneal-site-'))
  reports = []
  notices = []
  blobs = new Map()
  count = 0
  runner = make()
})
afterEach(async () => {
  await runner.close()
  rmSync(site, { recursive: true, force: true })
})

describe('a run', { timeout: 300_000 }, () => {
  test('puts files, runs the script, takes outputs, and leaves a transcript', async () => {
    const target = join(site, 'etc/app.conf')
    const outcome = await carryOut({
      apply:
        'cat "$ANNEAL_CHANGED_FILES"; echo "$ANNEAL_NODE $ANNEAL_ROLE $ANNEAL_DEPLOYMENT $ANNEAL_ACTION" >&2; echo port=2380 >>"$ANNEAL_OUTPUTS"; echo changed=true >>"$ANNEAL_OUTPUTS"',
      outputs: { port: { schema: { type: 'integer' }, sensitive: false } },
      files: {
        [target]: template(
          'app.conf.j2',
          'peers={{ inputs.peers | join(",") }} on {{ node.name }} in {{ deployment.name }}\n',
        ),
      },
      inputs: { peers: ['a', 'b'] },
    })
    expect(outcome).toMatchObject({
      result: 'ok',
      changed: true,
      outputs: { port: 2380 },
      filesChanged: [target],
    })
    expect(readFileSync(target, 'utf8')).toBe('peers=a,b on n1 in d\n')
    const lines = await transcript('run-1')
    // The two streams come by ways of their own: which line is first is anybody's guess.
    expect(lines.toSorted()).toEqual(
      ['# run-1 apply d/n1/r', 'o peers=a,b on n1 in d', 'e n1 r d apply', '# ok'].toSorted(),
    )
    expect([lines[0], lines.at(-1)]).toEqual(['# run-1 apply d/n1/r', '# ok'])
    expect(statSync(transcriptPath(site, 'run-1')).mode & 0o777).toBe(0o600)
    expect(reports).toHaveLength(1)
    expect(reports[0]).toMatchObject({ kind: 'reportRun', run: 'run-1', token: 7 })
  })

  test('that fails says how, with its last lines', async () => {
    const outcome = await carryOut({ apply: 'echo working; echo "disk is on fire" >&2; exit 3' })
    expect(outcome).toMatchObject({
      result: 'failed',
      exit: 3,
      retry: true,
      message: 'apply.sh ended with exit code 3: disk is on fire',
      tail: expect.stringMatching(/working/),
    })
    expect(await carryOut({ apply: 'kill -TERM $$' })).toMatchObject({
      message: 'apply.sh was ended by SIGTERM',
    })
  })

  test('whose script says nothing of a change has made one where its files were otherwise', async () => {
    const target = join(site, 'plain.conf')
    const order = { apply: ':', files: { [target]: template('plain.j2', 'as asked\n') } }
    expect(await carryOut(order)).toMatchObject({ result: 'ok', changed: true, filesChanged: [target] })
    expect(await carryOut(order)).toEqual(
      expect.not.objectContaining({ changed: expect.anything() as boolean }),
    )
    writeFileSync(target, 'by hand\n')
    const no = { ...order, apply: 'echo changed=false >>"$ANNEAL_OUTPUTS"' }
    expect(await carryOut(no)).toMatchObject({ result: 'ok', changed: false, filesChanged: [target] })
  })

  test('with content that cannot work fails for good, before anything is sent', async () => {
    const file = { '/tmp/never': template('x.j2', 'line\n{{ inputs.absent }}') }
    expect(await carryOut({ apply: ':', files: file })).toMatchObject({
      result: 'failed',
      retry: false,
      message: expect.stringMatching(/^templates\/x\.j2:2:/),
    })
    const lost: ContentRef = { path: 'scripts/gone.sh', digest: digestOfBytes('gone') }
    expect(await carryOut({ apply: ':', role: { apply: lost } })).toMatchObject({
      result: 'failed',
      retry: false,
      message: expect.stringMatching(/no content for scripts\/gone\.sh/),
    })
    expect(await carryOut({ apply: ':', inputs: { text: 'a\0b' } })).toMatchObject({
      result: 'failed',
      retry: false,
      message: expect.stringMatching(/input text holds a NUL/),
    })
    expect(existsSync('/tmp/never')).toBe(false)
  })

  test('whose outputs do not fit fails for good', async () => {
    const outputs: Record<string, OutputSpec> = {
      port: { schema: { type: 'integer', maximum: 10 }, sensitive: false },
    }
    const failing = { result: 'failed', retry: false }
    expect(await carryOut({ apply: 'echo port=11 >>$ANNEAL_OUTPUTS', outputs })).toMatchObject({
      ...failing,
      message: expect.stringMatching(/port/),
    })
    expect(await carryOut({ apply: 'echo prot=1 >>$ANNEAL_OUTPUTS', outputs })).toMatchObject({
      ...failing,
      message: expect.stringMatching(/did you mean port/),
    })
    expect(await carryOut({ apply: ':', outputs })).toMatchObject({
      ...failing,
      message: expect.stringMatching(/without telling port/),
    })
    expect(
      await carryOut({ apply: 'head -c 2000000 /dev/zero | tr "\\0" x >>$ANNEAL_OUTPUTS', outputs }),
    ).toMatchObject({ ...failing, message: expect.stringMatching(/1 MiB/) })
  })

  test('gets inputs as variables and as JSON; what no variable can hold is in the JSON alone', async () => {
    const inputs = {
      text: "it's\n$(id)",
      number: 3,
      list: ['a'],
      nothing: null,
      flag: true,
      large: 'x'.repeat(100_000),
      __proto__x: 1,
    }
    const outcome = await carryOut({
      apply: `#!/usr/bin/env python3
import json, os
seen = json.load(open(os.environ['ANNEAL_INPUTS']))
names = {k: v for k, v in os.environ.items() if k.startswith('ANNEAL_INPUT_')}
open(os.environ['ANNEAL_OUTPUTS'], 'a').write(json.dumps({'seen': seen, 'names': names, 'omitted': os.environ['ANNEAL_INPUTS_OMITTED']}))
`,
      inputs,
      outputs: { seen: any(), names: any(), omitted: any() },
    })
    expect(outcome).toMatchObject({
      result: 'ok',
      outputs: {
        seen: inputs,
        omitted: 'large',
        names: {
          ANNEAL_INPUT_TEXT: "it's\n$(id)",
          ANNEAL_INPUT_NUMBER: '3',
          ANNEAL_INPUT_LIST: '["a"]',
          ANNEAL_INPUT_NOTHING: '',
          ANNEAL_INPUT_FLAG: 'true',
        },
      },
    })
  })

  test('keeps secrets out of transcript, tail and message, and off every command line', async () => {
    const secret = 'hunter2-and-more'
    const outcome = await carryOut({
      apply: `printf hunter2; sleep 0.2; printf -- '-and-more\\n'; ps -eo args | grep -c '[h]unter2-and' ; echo "$ANNEAL_INPUT_PASSWORD" >&2; cat "$ANNEAL_INPUTS" >&2; exit 1`,
      inputs: { password: secret },
      sensitive: ['password'],
    })
    expect(JSON.stringify(outcome)).not.toMatch(secret)
    expect(outcome).toMatchObject({ message: expect.stringMatching(/••••••/) })
    expect(await transcript('run-1')).toEqual(expect.arrayContaining(['o ••••••', 'o 0']))
    expect(readFileSync(transcriptPath(site, 'run-1'), 'utf8')).not.toMatch(secret)
  })

  describe('inputs that stand for a secret', () => {
    const reference = { secret: { env: 'WHATEVER' } }
    const role = (schema: Json): Partial<Role> => {
      return { inputs: { password: { schema, sensitive: true, optional: false } } }
    }
    const wish = {
      inputs: { password: reference, other: reference },
      sensitive: ['password'],
      references: ['password'],
    }

    async function resolving(resolved: Resolved): Promise<void> {
      await runner.close()
      runner = make({ resolve: async () => resolved })
    }

    test('have it when the run begins, and it is kept out of all that is told', async () => {
      await resolving({ ok: true, value: 'from elsewhere' })
      const file = join(site, 'file')
      const outcome = await carryOut({
        apply: 'echo "$ANNEAL_INPUT_PASSWORD"; echo "$ANNEAL_INPUT_OTHER"; cat "$ANNEAL_INPUTS" >&2; exit 1',
        files: { [file]: template('f.j2', 'password={{ inputs.password }}') },
        role: role({ type: 'string' }),
        ...wish,
      })
      expect(readFileSync(file, 'utf8')).toBe('password=from elsewhere')
      // What is not named as one stays what it is, however it looks.
      expect(await transcript('run-1')).toEqual(
        expect.arrayContaining(['o ••••••', 'o {"secret":{"env":"WHATEVER"}}']),
      )
      expect(JSON.stringify(outcome)).not.toMatch(/from elsewhere/)
    })

    test('are JSON where the input is no text; what does not fit is a fault that does not show it', async () => {
      await resolving({ ok: true, value: '[1, 2]' })
      const list = { apply: 'echo "$ANNEAL_INPUT_PASSWORD" | tr 12 34', ...wish }
      await carryOut({ ...list, role: role({ type: 'array' }) })
      expect(await transcript('run-1')).toContain('o [3,4]')
      const wrong = await carryOut({ ...list, role: role({ type: 'integer' }) })
      expect(wrong).toMatchObject({
        result: 'fault',
        fault: {
          code: 'secretUnresolved',
          message:
            'password: what the environment variable WHATEVER holds does not fit the schema of the input; it is not shown',
        },
      })
    })

    test('that cannot be had: nothing is sent, and the fault says which and why', async () => {
      await resolving({ ok: false, message: 'the file x: it cannot be read (ENOENT)' })
      const outcome = await carryOut({ apply: `touch ${site}/ran`, role: role({}), ...wish })
      expect(outcome).toMatchObject({
        result: 'fault',
        fault: { code: 'secretUnresolved', message: 'password: the file x: it cannot be read (ENOENT)' },
      })
      expect(existsSync(join(site, 'ran'))).toBe(false)
    })

    test('in a check: one that cannot be had is not known, the others are looked at', async () => {
      await resolving({ ok: false, message: 'not today' })
      const checked = await check(part(0, { check: ':', role: role({}), ...wish }), part(1, { check: ':' }))
      expect(checked).toMatchObject({
        result: 'done',
        findings: [
          { nodeRole: 'd/n1/r0', found: 'unknown', message: 'password: not today' },
          { nodeRole: 'd/n1/r1', found: 'asAsked' },
        ],
      })
    })

    test('a cancelled run does not wait for it', async () => {
      await runner.close()
      runner = make({
        resolve: (_, signal) =>
          new Promise((resolve) =>
            signal.addEventListener('abort', () => resolve({ ok: false, message: 'too late' })),
          ),
      })
      const running = carryOut({ apply: ':', role: role({}), ...wish })
      runner.cancel('run-1')
      expect(await running).toMatchObject({ result: 'fault', fault: { code: 'cancelled' } })
    })
  })

  test('check compares files and runs the script; remove writes none', async () => {
    const target = join(site, 'file')
    const files = { [target]: plain('file', 'x') }
    const absent = await carryOut({ action: 'check', apply: ':', check: 'echo checked; exit 0', files })
    expect(absent).toMatchObject({
      result: 'failed',
      retry: false,
      message: `${target} is not there`,
      tail: 'checked',
    })
    await carryOut({ apply: ':', check: ':', files })
    expect(await carryOut({ action: 'check', apply: ':', check: ':', files })).toMatchObject({
      result: 'ok',
      filesChanged: [],
    })
    chmodSync(target, 0o600)
    writeFileSync(target, 'y')
    expect(await carryOut({ action: 'check', apply: ':', check: ':', files })).toMatchObject({
      message: `${target} differs in content and mode`,
    })
    expect(
      await carryOut({ action: 'check', apply: ':', check: 'echo no; exit 1', files: {} }),
    ).toMatchObject({ result: 'failed', exit: 1 })
    rmSync(target)
    expect(await carryOut({ action: 'remove', apply: ':', remove: 'echo gone', files })).toMatchObject({
      result: 'ok',
    })
    expect(existsSync(target)).toBe(false)
  })

  test('past its deadline, or cancelled, is a fault', async () => {
    expect(await carryOut({ apply: 'sleep 1000', deadlineMs: 300 })).toMatchObject({
      result: 'fault',
      fault: { code: 'deadline' },
    })
    const marker = join(site, 'started')
    const cancelled = carryOut({ apply: `touch ${marker}; sleep 1000` })
    await until(() => existsSync(marker))
    runner.cancel(`run-${count}`)
    expect(await cancelled).toMatchObject({ result: 'fault', fault: { code: 'cancelled' } })
    runner.cancel('run-999')
  })

  test('without a driver or with one that stumbles is reported all the same', async () => {
    expect(await carryOut({ apply: ':', role: { driver: 'simulated' } })).toMatchObject({
      result: 'failed',
      retry: false,
      message: expect.stringMatching(/no driver simulated/),
    })
    runner = make({
      drivers: [
        {
          kind: 'script',
          check: () => Promise.reject(new Error('nobody asked')),
          carryOut: () => Promise.reject(new Error('stumbled')),
        },
      ],
    })
    expect(await carryOut({ apply: ':' })).toMatchObject({
      result: 'fault',
      fault: { code: 'internal', message: expect.stringMatching(/stumbled/) },
    })
  })

  test('that belongs to its deployment runs where the runner is', async () => {
    const outcome = await carryOut({
      apply: 'echo "n=$ANNEAL_NODE" >>$ANNEAL_OUTPUTS',
      outputs: { n: any() },
      node: undefined,
    })
    expect(outcome).toMatchObject({ result: 'ok', outputs: { n: '-' } })
  })

  test('says nothing twice when everything is closed at once', async () => {
    const marker = join(site, 'started')
    const running = carryOut({ apply: `touch ${marker}; sleep 1000` })
    await until(() => existsSync(marker))
    await runner.close()
    expect(await running).toMatchObject({ result: 'fault', fault: { code: 'cancelled' } })
    expect(reports).toHaveLength(1)
  })
})

describe('a check', { timeout: 300_000 }, () => {
  test('of ten roles is one round trip, and tells of each what differs', async () => {
    let session: Session | undefined
    const local = localTransport({ owner: site, graceSeconds: 1 })
    const open: Transport['open'] = async (...args) => {
      const opened = await local.open(...args)
      if (opened.ok) session = opened.session
      return opened
    }
    runner = make({ transports: [{ kind: 'local', open }] })
    const target = join(site, 'motd')
    writeFileSync(target, 'welcome\nby hand\n', { mode: 0o600 })
    const parts = Array.from({ length: 10 }, (_, i) => {
      if (i === 3) return part(i, { check: 'echo looked; echo "port is 23" >&2; exit 1' })
      if (i === 5) return part(i, { files: { [target]: plain('motd', 'welcome\n\n') } })
      if (i === 7) return part(i, { check: 'kill -9 $$' })
      return part(i, { check: `echo ${i}` })
    })
    await check(part(0, { check: ':' }))
    const before = session?.traffic.roundTrips ?? 0
    const outcome = await check(...parts)
    expect((session?.traffic.roundTrips ?? 0) - before).toBe(1)
    if (outcome.result !== 'done') throw new Error('it was not done')
    expect(outcome.findings.map(({ nodeRole, found }) => `${nodeRole} ${found}`)).toEqual(
      parts.map(
        ({ nodeRole }, i) =>
          `${nodeRole} ${i === 7 ? 'unknown' : i === 3 || i === 5 ? 'drifted' : 'asAsked'}`,
      ),
    )
    expect(outcome.findings[3]).toMatchObject({
      differences: [
        {
          kind: 'check',
          message: 'check.sh ended with exit code 1: port is 23',
          tail: expect.stringMatching(/looked/),
        },
      ],
    })
    expect(outcome.findings[5]).toMatchObject({
      differences: [
        {
          path: target,
          differs: ['content', 'mode'],
          rights: { wanted: expect.stringMatching(/^0644 /), found: expect.stringMatching(/^0600 /) },
          diff: '--- wanted\n+++ found\n@@ -1,2 +1,2 @@\n welcome\n-\n+by hand',
        },
      ],
    })
    expect(outcome.findings[7]).toMatchObject({ message: 'check.sh was ended by SIGKILL' })
    expect(reports).toHaveLength(2)
  })

  test('knows what is allowed to differ, and tells no secret', async () => {
    const allowed = join(site, 'allowed.conf')
    const secret = join(site, 'secret.conf')
    writeFileSync(secret, 'user=app\npassword=another-one\n')
    const files = {
      [allowed]: plain('allowed', 'x'),
      [secret]: template('secret.j2', 'user=app\npassword={{ inputs.password }}\n'),
    }
    const inputs = { password: 'correct-horse' }
    const script = 'echo "it is $ANNEAL_INPUT_PASSWORD"; exit 1'
    const one = part(0, { files, check: script, inputs, sensitive: ['password'] })
    const outcome = await check({ ...one, allow: [`${site}/*.d/*`, `${site}/al*.conf`] })
    const text = JSON.stringify(outcome)
    expect(text).not.toMatch(/correct-horse|another-one/)
    expect(outcome).toMatchObject({
      findings: [
        {
          differences: [
            { path: secret, diff: expect.stringMatching(/ user=app\n-password=••••••\n\+••••••$/) },
            { kind: 'check', tail: 'it is ••••••' },
          ],
        },
      ],
    })
  })

  test('that cannot be prepared, is late, or finds nobody there says so', async () => {
    const broken = part(0, { files: { '/tmp/never': template('x.j2', '{{ inputs.absent }}') }, check: ':' })
    const late = { ...part(1, { check: 'sleep 1000' }), deadlineMs: 300 }
    const dead: NodeAddress = { name: 'x', transport: { kind: 'ssh', host: 'x' } }
    expect(await check(broken, late, part(2, { check: ':' }))).toMatchObject({
      findings: [
        { nodeRole: 'd/n1/r0', found: 'unknown', message: expect.stringMatching(/x\.j2:1:/) },
        { nodeRole: 'd/n1/r1', found: 'unknown', fault: { code: 'deadline' } },
        { nodeRole: 'd/n1/r2', found: 'asAsked' },
      ],
    })
    const fault = { code: 'unreachable', message: 'no answer' } as const
    runner = make({ transports: [simulatedTransport('ssh', { reach: () => fault })] })
    expect(await checkOn(dead, part(0, { check: ':' }))).toMatchObject({ result: 'fault', fault })
  })

  test('is ended when everything is closed', async () => {
    const marker = join(site, 'checking')
    const done = check(part(0, { check: `touch ${marker}; sleep 1000` }), part(1, { check: ':' }))
    await until(() => existsSync(marker))
    await runner.close()
    expect(await done).toMatchObject({ result: 'fault', fault: { code: 'cancelled' } })
  })
})

describe('a transcript', () => {
  test('keeps bytes as they are, marks what goes on, and is cut at its limit', async () => {
    runner = make({ limits: { transcriptBytes: 200_000 } })
    await carryOut({
      apply: `printf 'a\\0b\\377\\n'; head -c 70000 /dev/zero | tr '\\0' x; printf '\\nend'; head -c 1000000 /dev/zero; echo last`,
    })
    const lines: [string, number, boolean][] = []
    for await (const { from, bytes, goesOn } of readTranscript(site, 'run-1'))
      lines.push([from, bytes.length, goesOn])
    expect(lines[1]).toEqual(['stdout', 4, false])
    expect(lines.slice(2, 4).reduce((sum, [, length]) => sum + length, 0)).toBe(70_000)
    expect(lines[2]?.[2]).toBe(true)
    const text = readFileSync(transcriptPath(site, 'run-1'), 'latin1')
    expect(text).toMatch('a\0b\xff')
    expect(text).toMatch(/cut here: a transcript keeps 200000 bytes/)
    expect(text.length).toBeLessThan(210_000)
    expect(text).toMatch(/# [0-9.]+ ok/)
  })

  test('that cannot be written is said, and the run goes on', async () => {
    writeFileSync(join(site, 'blocked'), '')
    runner = make({ siteDir: join(site, 'blocked') })
    expect(await carryOut({ apply: 'echo x' })).toMatchObject({ result: 'ok' })
    expect(notices).toEqual([expect.stringMatching(/the transcript of run-1 is not complete: /)])
  })
})

describe('over ssh', { timeout: 300_000 }, () => {
  let sshd: TestSshd
  let node: NodeAddress
  beforeAll(async () => {
    sshd = await startSshd()
    node = { name: 's1', transport: sshd.spec() }
  })
  afterAll(() => sshd.stop())

  test('first contact pins, opens and gathers facts; runs reuse the connection', async () => {
    const outcome = await contact(node)
    expect(outcome).toMatchObject({
      result: 'reached',
      facts: { kernel: { arch: expect.any(String) }, memory: { total_bytes: expect.any(Number) } },
      durationMs: expect.any(Number),
    })
    expect(notices).toEqual([expect.stringMatching(/first contact with s1/)])
    const connection = 'echo "c=$SSH_CONNECTION" >>$ANNEAL_OUTPUTS'
    const outputs = { c: any() }
    const first = await carryOut({ apply: connection, outputs, node })
    const second = await carryOut({ apply: connection, outputs, node })
    expect(first).toMatchObject({ result: 'ok' })
    expect((second as { outputs: JsonObject }).outputs).toEqual((first as { outputs: JsonObject }).outputs)
    expect(notices).toHaveLength(1)
  })

  test('twenty nodes at once are let in a few at a time, and each reports once', async () => {
    runner = make({ limits: { logins: 4 } })
    const nodes = Array.from({ length: 20 }, (_, i) => ({ name: `m${i}`, transport: node.transport }))
    const outcomes = await Promise.all(nodes.map(contact))
    expect(outcomes.map(({ result }) => result)).toEqual(nodes.map(() => 'reached'))
    expect(reports).toHaveLength(20)
  })

  test('a connection that dies while idle is said, and the next run gets a new one', async () => {
    await contact(node)
    const killed = await carryOut({ apply: 'kill -9 $(ps -o ppid= $PPID | tr -d " "); exit 0', node })
    expect(killed.result).not.toBe('failed')
    const again = await carryOut({ apply: 'echo "v=1" >>$ANNEAL_OUTPUTS', outputs: { v: any() }, node })
    expect(again).toMatchObject({ result: 'ok' })
  })

  test('a node that is not there is a fault of contact and of runs', async () => {
    const dead: NodeAddress = { name: 'dead', transport: sshd.spec({ port: await freePort() }) }
    expect(await contact(dead)).toMatchObject({ result: 'fault', fault: { code: 'unreachable' } })
    expect(await carryOut({ apply: ':', node: dead })).toMatchObject({
      result: 'fault',
      fault: { code: 'unreachable' },
    })
  })
})

describe('with a simulated world', () => {
  test('an idle connection that is lost is reported; a dead one is opened again before a run is given up', async () => {
    const cuts: (() => void)[] = []
    let opened = 0
    const transport = simulatedTransport('ssh', {
      opened: (_node, cut) => {
        opened++
        cuts.push(() => cut({ code: 'connectionLost', message: 'cut' }))
      },
    })
    runner = make({ transports: [transport] })
    const node: NodeAddress = { name: 'x', transport: { kind: 'ssh', host: 'x' } }
    expect(await carryOut({ apply: ':', node })).toMatchObject({ result: 'ok' })
    cuts[0]?.()
    await until(() => reports.some(({ kind }) => kind === 'reportConnectionLost'))
    expect(await carryOut({ apply: ':', node })).toMatchObject({ result: 'ok' })
    expect(opened).toBe(2)
    expect(await contact({ name: 'x', transport: { kind: 'ssh', host: 'moved' } })).toMatchObject({
      result: 'fault',
      fault: { code: 'garbled' },
    })
    expect(opened).toBe(3)
  })

  test('the simulated driver tells what its function says', async () => {
    const drivers = [
      simulatedDriver({
        outcome: (order) => ({ result: 'ok', outputs: { run: order.run }, filesChanged: [], durationMs: 5 }),
      }),
    ]
    runner = make({ drivers, transports: [simulatedTransport('local')] })
    expect(await carryOut({ apply: ':', role: { driver: 'simulated' } })).toMatchObject({
      result: 'ok',
      outputs: { run: 'run-1' },
    })
    expect(await carryOut({ apply: ':', role: { driver: 'simulated' }, deadlineMs: 1 })).toMatchObject({
      result: 'fault',
      fault: { code: 'deadline' },
    })
  })
})

function make(more: Partial<LocalRunnerOptions> = {}): LocalRunner {
  const language = makeLanguage()
  return new LocalRunner({
    siteDir: site,
    transports: [
      localTransport({ owner: site, graceSeconds: 1 }),
      sshTransport({ siteDir: site, owner: site, graceSeconds: 1 }),
    ],
    drivers: [scriptDriver()],
    blob: async (digest) => blobs.get(digest),
    render: makeRenderer(),
    schema: (schema) => language.schema(schema),
    events: {
      report: (report) => void reports.push(report),
      notice: (_node, message) => void notices.push(message),
    },
    ...more,
  })
}

interface Wish {
  apply: string
  check?: string
  remove?: string
  action?: RunOrder['action']
  inputs?: JsonObject
  sensitive?: string[]
  references?: string[]
  outputs?: Record<string, OutputSpec>
  files?: Record<string, FileSpec>
  deadlineMs?: number
  node?: NodeAddress | undefined
  role?: Partial<Role>
}

async function carryOut(wish: Wish): Promise<RunOutcome> {
  const run = `run-${++count}`
  const node = 'node' in wish ? wish.node : HERE
  const role = roleOf(wish, node === undefined ? 'deployment' : 'node')
  runner.start({
    run,
    token: 7,
    nodeRole: `d/${node?.name ?? '-'}/r`,
    action: wish.action ?? 'apply',
    ...(node === undefined ? {} : { node }),
    role,
    inputs: wish.inputs ?? {},
    sensitive: wish.sensitive ?? [],
    references: wish.references ?? [],
    deadlineMs: wish.deadlineMs ?? 30_000,
  })
  const report = await reported((candidate) => candidate.kind === 'reportRun' && candidate.run === run)
  return (report as Extract<Report, { kind: 'reportRun' }>).outcome
}

function roleOf(wish: Wish, per: Role['per']): Role {
  return {
    name: 'r',
    package: 'p@1.0.0',
    summary: '',
    per,
    driver: 'script',
    requires: [],
    after: [],
    provides: [],
    conflicts: [],
    once: false,
    parallel: false,
    become: true,
    inputs: {},
    outputs: wish.outputs ?? {},
    files: wish.files ?? {},
    apply: content('scripts/apply.sh', wish.apply),
    ...(wish.check === undefined ? {} : { check: content('scripts/check.sh', wish.check) }),
    ...(wish.remove === undefined ? {} : { remove: content('scripts/remove.sh', wish.remove) }),
    locks: [],
    retry: { attempts: 1, backoffMs: 0 },
    deadlineMs: 0,
    digest: '',
    ...wish.role,
  }
}

function part(i: number, wish: Omit<Wish, 'apply'>): CheckPart {
  const role = roleOf({ ...wish, apply: ':' }, 'node')
  const { inputs = {}, sensitive = [], references = [] } = wish
  return { nodeRole: `d/n1/r${i}`, role, inputs, sensitive, references, deadlineMs: 30_000, allow: [] }
}

function check(...parts: CheckPart[]): Promise<CheckOutcome> {
  return checkOn(HERE, ...parts)
}

async function checkOn(node: NodeAddress, ...parts: CheckPart[]): Promise<CheckOutcome> {
  const id = `check-${++count}`
  runner.check({ check: id, token: 7, node, shows: 'drift', parts })
  const report = await reported((candidate) => candidate.kind === 'reportCheck' && candidate.check === id)
  return (report as Extract<Report, { kind: 'reportCheck' }>).outcome
}

async function contact(node: NodeAddress): Promise<ContactOutcome> {
  const before = reports.length
  runner.contact(node)
  const report = await reported(
    (candidate, i) => i >= before && candidate.kind === 'reportContact' && candidate.node === node.name,
  )
  return (report as Extract<Report, { kind: 'reportContact' }>).outcome
}

async function reported(is: (report: Report, i: number) => boolean): Promise<Report> {
  await until(() => reports.some(is))
  return reports.find(is) as Report
}

async function transcript(run: string): Promise<string[]> {
  const lines: string[] = []
  for await (const { from, bytes } of readTranscript(site, run)) {
    lines.push(
      `${from === 'note' ? '#' : from === 'stdout' ? 'o' : 'e'} ${bytes.toString().replace(/ \([\d.]+ m?s\)$/, '')}`,
    )
  }
  return lines
}

function content(path: string, text: string): ContentRef {
  const bytes = Buffer.from(text)
  const digest = digestOfBytes(bytes)
  blobs.set(digest, bytes)
  return { path, digest }
}

function template(name: string, text: string): FileSpec {
  return {
    kind: 'template',
    content: content(`templates/${name}`, text),
    mode: '0644',
    owner: 'root',
    group: 'root',
  }
}

function plain(name: string, text: string): FileSpec {
  return { kind: 'file', content: content(`files/${name}`, text), mode: '0644', owner: 'root', group: 'root' }
}

function any(): OutputSpec {
  return { schema: {}, sensitive: false }
}
