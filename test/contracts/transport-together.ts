// Several requests sent together: one round trip, answers in order, each with its own deadline and its own end.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FOUND_MOST, type Session, type Work, type WorkResult } from '../../src/model/work.ts'
import { type Far, fileOf, lives, NEVER, pidsIn, run, scriptOf, SOON, until } from './transport.ts'

export function togetherContract(name: string, make: () => Promise<Far>): void {
  describe(`${name}: several requests together`, { timeout: 300_000 }, () => {
    let far: Far
    let session: Session
    const directory = mkdtempSync(join(tmpdir(), 'anneal-together-'))
    const at = (file: string) => join(directory, file)
    /** What is left behind and speaks while a later one is at work. The far end waits for it for a while. */
    const late = (speaks: string) => `(sleep 1; ${speaks})`
    const amid = 'sleep 1.2'

    beforeAll(async () => {
      far = await make()
      session = await far.open()
    })
    afterAll(async () => {
      await session.close()
      await far.stop()
      rmSync(directory, { recursive: true, force: true })
    })

    test('cost one round trip, and each has its own streams, outputs and exit code', async () => {
      const texts = Array.from({ length: 10 }, (_, i) => [
        `echo out ${i}; echo err ${i} >&2; echo "n=$N" >>"$ANNEAL_OUTPUTS"; exit ${i % 3}`,
        i,
      ])
      const said: string[] = []
      const works = texts.map(([text, i]) =>
        workOf(String(text), {
          env: { N: `${i}\n+ ${i}` },
          onOutput(stream, bytes) {
            const text = Buffer.from(bytes).toString().trim()
            if (text !== '') said.push(`${stream} ${i} ${text}`)
          },
        }),
      )
      const before = session.traffic.roundTrips
      const results = await session.carryOutTogether(works, NEVER)
      expect(session.traffic.roundTrips - before).toBe(1)
      expect(results.map((result) => (result.result === 'done' ? result.exit : result))).toEqual(
        works.map((_, i) => i % 3),
      )
      expect(results.map(outputsOf)).toEqual(works.map((_, i) => `n=${i}\n+ ${i}\n`))
      const streams = ['stdout', 'stderr'] as const
      const expected = works.flatMap((_, i) =>
        streams.map((stream) => `${stream} ${i} ${stream === 'stdout' ? 'out' : 'err'} ${i}`),
      )
      expect(said.toSorted()).toEqual(expected.toSorted())
      // And again, with scripts that the far end has by now.
      await session.carryOutTogether(works, NEVER)
      expect(session.traffic.roundTrips - before).toBe(2)
    })

    test('ask once more where the far end has lost a script', async () => {
      // Of its own: others of this machine keep their scripts in the same place.
      const script = scriptOf(`echo "$0"; # ${randomUUID()}`, 'check.sh')
      rmSync((await run(session, '', { script })).stdout.toString().trim())
      const before = session.traffic.roundTrips
      const works = [workOf('echo one'), workOf('', { script }), workOf('echo three')]
      expect((await session.carryOutTogether(works, NEVER)).map(exitOf)).toEqual([0, 0, 0])
      expect(session.traffic.roundTrips - before).toBe(2)
    })

    test('carry what a line cannot, and leave out what cannot be sent', async () => {
      const inputs = JSON.stringify({ text: `go\nrun 1 write\n${'x'.repeat(100_000)}` })
      const works = [
        workOf('cat "$ANNEAL_INPUTS" >>"$ANNEAL_OUTPUTS"', { inputs }),
        workOf(':', { env: { BAD: '\0' } }),
        workOf('exit 7'),
      ]
      const results = await session.carryOutTogether(works, NEVER)
      expect(results.map(({ result }) => result)).toEqual(['done', 'refused', 'done'])
      expect([outputsOf(results[0]).trim(), exitOf(results[2])]).toEqual([inputs, 7])
      expect(await session.carryOutTogether([], NEVER)).toEqual([])
    })

    test('keep what one leaves behind out of what the next one says', async () => {
      const said = new Map<number, string>()
      const works = [`${late('echo late; echo late >&2')} & echo one`, `${amid}; echo two`, 'echo three'].map(
        (text, i) =>
          workOf(text, {
            onOutput(_stream, bytes) {
              said.set(i, (said.get(i) ?? '') + Buffer.from(bytes).toString())
            },
          }),
      )
      const results = await session.carryOutTogether(works, NEVER)
      expect(results.map((result) => (result.result === 'done' ? result.exit : result))).toEqual([0, 0, 0])
      expect([...said].map(([i, text]) => [i, text.trim()])).toEqual([
        [0, 'one'],
        [1, 'two'],
        [2, 'three'],
      ])
    })

    test('do not touch each other: one hangs, one leaves a child, one prints marks, one is killed, one ends in order', async () => {
      const said = { stdout: ['', '', '', '', ''], stderr: ['', '', '', '', ''] }
      const texts = [
        `(trap '' TERM; echo "pid $(exec sh -c 'echo $PPID')"; while :; do sleep 1; done) & echo "pid $$"; wait`,
        `${late('echo late')} & exit 1`,
        `${amid}; printf '\\n%032d0 end 1 0 -\\n' 0; printf '\\nend 3 0 -\\nlooks 1 2 3\\n' >&2; cat; exit 3`,
        'echo before; kill -KILL $$; echo after',
        'echo "$ANNEAL_OUTPUTS"; exit 6',
      ]
      const carriedOut = (hangsMs: number): Promise<WorkResult[]> => {
        for (const stream of ['stdout', 'stderr'] as const) said[stream] = texts.map(() => '')
        const works = texts.map((text, i) =>
          workOf(text, {
            deadlineMs: i === 0 ? hangsMs : 60_000,
            onOutput: (stream, bytes) => void (said[stream][i] += Buffer.from(bytes).toString()),
          }),
        )
        return session.carryOutTogether(works, NEVER)
      }
      let results: WorkResult[] = []
      // Once more where the machine had not begun both of its processes by then.
      for (const hangsMs of SOON) {
        results = await carriedOut(hangsMs)
        if (pidsIn(said.stdout[0] ?? '').length === 2) break
      }
      expect(results).toMatchObject([
        { result: 'fault', fault: { code: 'deadline' } },
        { exit: 1 },
        { exit: 3 },
        { exit: 137 },
        { exit: 6 },
      ])
      expect(pidsIn(said.stdout[0] ?? '').length).toBe(2)
      expect(pidsIn(said.stdout[0] ?? '').filter(lives)).toEqual([])
      expect(said.stdout.slice(1)).toEqual([
        '',
        `\n${'0'.repeat(33)} end 1 0 -\n`,
        'before\n',
        expect.stringMatching(/\.out\n$/),
      ])
      expect(said.stderr).toEqual(['', '', '\nend 3 0 -\nlooks 1 2 3\n', '', ''])
    })

    test('that hang one after the other are each ended by their own deadline', async () => {
      const works = [400, 60_000, 500, 60_000].map((deadlineMs) =>
        workOf(deadlineMs < 1_000 ? 'sleep 1000' : 'exit 2', { deadlineMs }),
      )
      const late = { result: 'fault', fault: { code: 'deadline' } }
      expect(await session.carryOutTogether(works, NEVER)).toMatchObject([
        late,
        { exit: 2 },
        late,
        { exit: 2 },
      ])
      expect((await session.carryOutTogether(works.slice(1, 2), NEVER)).map(exitOf)).toEqual([2])
    })

    test('get values as they are', async () => {
      const hostile = {
        LINES: '\n\none\n\n+ go\nall\nrun 9 show\n',
        CONTROL: '\u0001\u0007\u001b[31m\u007f\r',
        BYTES: 'é \u{1F469} \u0081\u0088 \t * ? [a-z] ~ $HOME \\n `id`',
        LONG: 'ß'.repeat(30_000),
      }
      const inputs = JSON.stringify(hostile)
      const text = `${Object.keys(hostile)
        .map((name) => `printf '%s\\0' "$${name}" >>"$ANNEAL_OUTPUTS"`)
        .join('\n')}\ncat "$ANNEAL_INPUTS" >>"$ANNEAL_OUTPUTS"`
      const works = [1, 2].map(() => workOf(text, { env: hostile, inputs }))
      for (const result of await session.carryOutTogether(works, NEVER))
        expect(outputsOf(result).split('\0')).toEqual([...Object.values(hostile), `${inputs}\n`])
    })

    test('start as any script does, the first time and later', async () => {
      const text = 'cat; pwd; umask; grep SigIgn /proc/self/status; echo "$0 $#"; : $UNSET; echo end'
      for (const _ of [1, 2, 3]) {
        const said: string[] = ['', '']
        const works = [0, 1].map((i) =>
          workOf(text, { onOutput: (_stream, bytes) => void (said[i] += Buffer.from(bytes).toString()) }),
        )
        expect((await session.carryOutTogether(works, NEVER)).map(exitOf)).toEqual([0, 0])
        for (const one of said)
          expect(one).toMatch(/^\/\n0022\nSigIgn:\t0000000000000000\n\/.*\/check\.sh 0\nend\n$/)
      }
    })

    test('that are plain sh start so, too, and nothing of one is in the next one', async () => {
      const text = `cat; pwd; umask; grep SigIgn /proc/self/status; echo "$# ", "$MINE" $left; left=1; MINE=no; export MINE
cd /tmp; umask 077; trap 'echo over' EXIT; left() { :; }; command -v left; set -eu; exec 2>&1; set -- a b`
      const first = '/\n0022\nSigIgn:\t0000000000000000\n0 , '
      for (const last of ['exit 3', 'false', 'return 4', ': $NOT_SET', 'nosuchcommand', 'left', '(exit 5)']) {
        for (const _ of [1, 2]) {
          const said: string[] = ['', '', '']
          const works = [0, 1, 2].map((i) =>
            workOf(`${text}\n${last}`, {
              env: { MINE: `yes ${i}` },
              onOutput: (_stream, bytes) => void (said[i] += Buffer.from(bytes).toString()),
            }),
          )
          const exits = (await session.carryOutTogether(works, NEVER)).map(exitOf)
          expect(new Set(exits).size, last).toBe(1)
          if (/\d/.test(last)) expect(exits[0]).toBe(Number(/\d/.exec(last)))
          for (const [i, one] of said.entries()) expect(one).toContain(`${first}yes ${i}\nleft\n`)
        }
      }
    })

    test('may end their own group, by whatever signal, and no other one', async () => {
      const texts = ['kill 0', 'exit 3', 'kill -KILL 0', 'exit 4', 'trap "exit 5" USR1; kill -USR1 0; exit 6']
      const quiet = 'trap "" HUP; kill -HUP 0; exit 7'
      const works = [...texts, 'exit 8', quiet, 'kill -INT 0; sleep 1'].map((text) => workOf(text))
      for (const _ of [1, 2, 3])
        expect((await session.carryOutTogether(works, NEVER)).map(exitOf)).toEqual([
          143, 3, 137, 4, 5, 8, 7, 130,
        ])
    })

    test('leave what they leave: it is not ended with one that comes later', async () => {
      for (const _ of [1, 2]) {
        let said = ''
        const works = [
          workOf('sleep 1000 >/dev/null 2>&1 & (sleep 1000 >/dev/null 2>&1 & echo "pid $!"); echo "pid $!"', {
            onOutput: (_stream, bytes) => void (said += Buffer.from(bytes).toString()),
          }),
          workOf('exit 2'),
          workOf('sleep 1000', { deadlineMs: 500 }),
          workOf('exit 3'),
        ]
        const results = await session.carryOutTogether(works, NEVER)
        expect(results).toMatchObject([
          { exit: 0 },
          { exit: 2 },
          { result: 'fault', fault: { code: 'deadline' } },
          { exit: 3 },
        ])
        expect([pidsIn(said).length, pidsIn(said).filter(lives).length]).toEqual([2, 2])
        for (const pid of pidsIn(said)) process.kill(pid, 'SIGKILL')
      }
    })

    test('begin many processes, or take long lines, and are told apart all the same', async () => {
      const many = `i=0; while [ $i -lt 300 ]; do (exit 0); i=$((i+1)); done; ${late('echo late')} & exit 1`
      for (const _ of [1, 2]) {
        const said = ['', '', '']
        const works = [many, `${amid}; echo "$LONG" | wc -c`, 'echo three'].map((text, i) =>
          workOf(text, {
            env: { LONG: 'x'.repeat(i * 3_000) },
            onOutput: (_stream, bytes) => void (said[i] += Buffer.from(bytes).toString()),
          }),
        )
        expect((await session.carryOutTogether(works, NEVER)).map(exitOf)).toEqual([1, 0, 0])
        expect(said).toEqual(['', '3001\n', 'three\n'])
      }
    })

    test('have a deadline each, from when their turn comes', async () => {
      const late = { result: 'fault', fault: { code: 'deadline' } }
      // Slower once more where the machine was held up: who counts from the beginning is late at any pace.
      for (const pace of [1, 4, 16]) {
        const works = [
          workOf(`sleep ${0.8 * pace}`),
          workOf('sleep 1000', { deadlineMs: 700 * pace }),
          // What went before each of them took longer.
          workOf('exit 3', { deadlineMs: 1_200 * pace }),
          workOf('exit 4', { deadlineMs: 1_200 * pace }),
        ]
        const results = await session.carryOutTogether(works, NEVER)
        expect(results.slice(0, 2)).toMatchObject([{ exit: 0 }, late])
        if (results.slice(2).some(({ result }) => result === 'fault') && pace < 16) continue
        expect(results.slice(2)).toMatchObject([{ exit: 3 }, { exit: 4 }])
        break
      }
    })

    test('end together when they are cancelled: what had not begun never does', async () => {
      const abort = new AbortController()
      const works = [
        workOf('exit 5'),
        workOf(`touch ${at('begun')}; sleep 1000`),
        workOf(`touch ${at('not-begun')}`),
        workOf(`touch ${at('not-begun')}`),
      ]
      const done = session.carryOutTogether(works, abort.signal)
      await until(() => existsSync(at('begun')))
      abort.abort()
      const results = await done
      const cancelled = { result: 'fault', fault: { code: 'cancelled' } }
      expect(results).toMatchObject([{ exit: 5 }, cancelled, cancelled, cancelled])
      expect(existsSync(at('not-begun'))).toBe(false)
    })

    test('show what stands there instead of a file', async () => {
      writeFileSync(at('edited'), 'mine\nno end')
      chmodSync(at('edited'), 0o600)
      writeFileSync(at('large'), 'x'.repeat(FOUND_MOST + 10))
      symlinkSync('/etc/shadow', at('link'))
      writeFileSync(at('right'), 'x')
      writeFileSync(at('mode'), 'x', { mode: 0o640 })
      writeFileSync(at('bytes'), Buffer.from([0, 255, 10]))
      const names = ['edited', 'absent-file', 'large', 'link', 'right', 'mode', 'bytes']
      const { uid, gid } = { uid: process.getuid?.(), gid: process.getgid?.() }
      const owned = { owner: String(uid), group: String(gid) }
      const files = names.map((name) => fileOf(at(name), 'x', owned))
      const before = session.traffic.roundTrips
      const [shown, after] = await session.carryOutTogether(
        [workOf('exit 1', { files, filesMode: 'show' }), workOf('exit 0', { files, filesMode: 'compare' })],
        NEVER,
      )
      expect(session.traffic.roundTrips - before).toBe(1)
      if (shown?.result !== 'done' || after?.result !== 'done') throw new Error('it was not done')
      expect(shown.files).toMatchObject([
        {
          path: at('edited'),
          differs: ['content', 'mode'],
          found: { rights: { mode: '600' }, bytes: Buffer.from('mine\nno end') },
        },
        { path: at('absent-file'), differs: ['absent'] },
        { path: at('large'), differs: ['content'] },
        { path: at('link'), differs: ['link'] },
        { path: at('mode'), differs: ['mode'], found: { rights: { mode: '640' } } },
        { path: at('bytes'), differs: ['content'], found: { bytes: Buffer.from([0, 255, 10]) } },
      ])
      expect(shown.files[2]?.found?.bytes?.length).toBe(FOUND_MOST + 1)
      expect([shown.files[1], shown.files[3], shown.files[4]].map((one) => one?.found?.bytes)).toEqual([
        undefined,
        undefined,
        undefined,
      ])
      expect(after.files.map(({ differs }) => differs)).toEqual(shown.files.map(({ differs }) => differs))
      expect([exitOf(shown), readFileSync(at('edited'), 'utf8')]).toEqual([1, 'mine\nno end'])
    })
  })
}

function workOf(script: string, more: Partial<Work> = {}): Work {
  return {
    files: [],
    filesMode: 'compare',
    script: scriptOf(script, 'check.sh'),
    env: {},
    inputs: '{}',
    become: false,
    deadlineMs: 60_000,
    onOutput: () => {},
    ...more,
  }
}

function outputsOf(result: WorkResult | undefined): string {
  return result?.result === 'done' ? Buffer.from(result.outputs).toString() : ''
}

function exitOf(result: WorkResult | undefined): number | undefined {
  return result?.result === 'done' ? result.exit : undefined
}
