// What every transport must do, on the real thing: one suite, given a way to open sessions.
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import type { OutputStream, Session, Work, WorkFile, WorkResult } from '../../src/model/work.ts'

export interface Far {
  /** With the same site and node: a later session takes the earlier one's place. */
  open(): Promise<Session>
  stop(): Promise<void>
}

export const NEVER: AbortSignal = new AbortController().signal

export interface Ran {
  result: WorkResult
  stdout: Buffer
  stderr: Buffer
}

/** Runs a script with what a test cares about; all else is plain. */
export async function run(
  session: Session,
  script: string,
  more: Partial<Work> = {},
  signal: AbortSignal = NEVER,
): Promise<Ran> {
  const said: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] }
  const result = await session.carryOut(
    {
      files: [],
      filesMode: 'write',
      script: scriptOf(script),
      env: {},
      inputs: '{}',
      become: false,
      deadlineMs: 60_000,
      onOutput: (stream, bytes) => void said[stream].push(Buffer.from(bytes)),
      ...more,
    },
    signal,
  )
  return { result, stdout: Buffer.concat(said.stdout), stderr: Buffer.concat(said.stderr) }
}

export function scriptOf(text: string, name = 'apply.sh'): NonNullable<Work['script']> {
  const bytes = Buffer.from(text)
  return { name, digest: digestOfBytes(bytes), bytes }
}

export function fileOf(path: string, content: string | Uint8Array, more: Partial<WorkFile> = {}): WorkFile {
  const bytes = Buffer.from(content)
  return { path, bytes, digest: digestOfBytes(bytes), mode: '0644', owner: 'root', group: 'root', ...more }
}

/** Starts a script and waits until it has said so; what it printed first is often a pid. */
export function started(
  session: Session,
  script: string,
  more: Partial<Work> = {},
  signal: AbortSignal = NEVER,
): Promise<{ said: string; ended: Promise<Ran> }> {
  return new Promise((resolve, reject) => {
    let said = ''
    const ended = run(
      session,
      script,
      {
        ...more,
        onOutput: (_stream, bytes) => {
          said += Buffer.from(bytes).toString()
          if (said.includes('started')) resolve({ said, ended })
        },
      },
      signal,
    )
    void ended.then(({ result }) =>
      reject(new Error(`it ended before it had started: ${JSON.stringify(result)}`)),
    )
  })
}

/** Until it is said to have started: whatever ends before that had less time than this machine needed, and gets more. */
export async function startedBefore(
  deadlinesMs: readonly number[],
  session: Session,
  script: string,
  more: Partial<Work> = {},
): Promise<{ said: string; ended: Promise<Ran> }> {
  const [deadlineMs = 0, ...longer] = deadlinesMs
  try {
    return await started(session, script, { ...more, deadlineMs })
  } catch (error) {
    if (longer.length === 0) throw error
    return startedBefore(longer, session, script, more)
  }
}

/** Short ones, and what a machine gets that has much else to do. */
export const SOON: readonly number[] = [2_000, 10_000, 50_000]

/** Says `started` once both of its processes have said their pids: one that heeds no signal, and the script itself. */
export const FAMILY = family(['stubborn'], '')

/** `more` starts others; each of those named makes a file of its name in `$here` when it has said its pid. */
function family(names: readonly string[], more: string): string {
  const told = names.map((name) => `[ -e "$here/${name}" ]`).join(' && ')
  return `
here=$(mktemp -d)
(trap '' TERM; echo "pid $(exec sh -c 'echo $PPID')"; : >"$here/stubborn"; while :; do sleep 1; done) &
${more}
until ${told}; do sleep 0.02; done
rm -r "$here"
echo "pid $$"
echo started
wait`
}

/** Zombies are dead: nobody may be there to bury them in a container. */
export function lives(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

export function pidsIn(said: string): number[] {
  return [...said.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]))
}

export function transportContract(name: string, make: () => Promise<Far>): void {
  describe(name, { timeout: 300_000 }, () => {
    let far: Far
    let session: Session
    const directory = mkdtempSync(join(tmpdir(), 'anneal-transport-'))
    const at = (name: string) => join(directory, name)

    beforeAll(async () => {
      far = await make()
      session = await far.open()
    })
    afterAll(async () => {
      await session.close()
      await far.stop()
      rmSync(directory, { recursive: true, force: true })
    })
    afterEach(async () => {
      // Whatever a test did, the next one finds a session that works.
      expect((await run(session, 'echo well')).stdout.toString()).toBe('well\n')
    })

    describe('a script', () => {
      test('gives its streams apart, its exit code and its outputs, in one round trip', async () => {
        const before = session.traffic.roundTrips
        const ran = await run(session, 'echo out; echo err >&2; echo a=1 >>"$ANNEAL_OUTPUTS"; exit 7')
        expect(ran.stdout.toString()).toBe('out\n')
        expect(ran.stderr.toString()).toBe('err\n')
        expect(ran.result).toMatchObject({
          result: 'done',
          exit: 7,
          outputs: Buffer.from('a=1\n'),
          files: [],
        })
        expect(session.traffic.roundTrips - before).toBe(1)
      })

      test('is sent once, and in the same round trip', async () => {
        const script = `# ${randomUUID()} ${'x'.repeat(5_000)}\necho once`
        const before = { ...session.traffic }
        await run(session, script)
        await run(session, script)
        expect(session.traffic.contentBytesSent - before.contentBytesSent).toBe(script.length)
        expect(session.traffic.roundTrips - before.roundTrips).toBe(2)
      })

      test('is sent again when the far end has lost it', async () => {
        // Of its own: others of this machine keep their scripts in the same place.
        const script = `echo "$0" # ${randomUUID()}`
        const path = (await run(session, script)).stdout.toString().trim()
        rmSync(path)
        expect((await run(session, script)).stdout.toString()).toBe(`${path}\n`)
      })

      test('says any bytes, in any amount, as they are', async () => {
        const bytes = Buffer.from(Array.from({ length: 256 * 40 }, (_, i) => (i * 7 + (i >> 8)) & 255))
        writeFileSync(at('bytes'), bytes)
        const ran = await run(
          session,
          `cat ${at('bytes')}; cat ${at('bytes')} >&2; cat ${at('bytes')} >"$ANNEAL_OUTPUTS"`,
        )
        expect(ran.stdout.equals(bytes)).toBe(true)
        expect(ran.stderr.equals(bytes)).toBe(true)
        expect(ran.result).toMatchObject({ outputs: bytes })
        expect((await run(session, 'printf "no newline"')).stdout.toString()).toBe('no newline')
        expect((await run(session, ':')).stdout.length).toBe(0)
      })

      test('is heard line by line, each with its end, while it goes on', async () => {
        let said = ''
        const ran = await run(
          session,
          `echo one; until [ -e ${at('heard')} ]; do sleep 0.05; done; echo two`,
          {
            onOutput: (_stream, bytes) => {
              said += Buffer.from(bytes).toString()
              if (said === 'one\n') writeFileSync(at('heard'), '')
            },
          },
        )
        expect([ran.result, said]).toMatchObject([{ exit: 0 }, 'one\ntwo\n'])
      })

      test('may say 100 MB on both streams without anything being kept', async () => {
        const count = { stdout: 0, stderr: 0 }
        const script =
          'head -c 50000000 /dev/zero; head -c 50000000 /dev/zero >&2 & head -c 50000000 /dev/zero; wait'
        const before = process.memoryUsage().arrayBuffers
        let most = 0
        const ran = await run(session, script, {
          onOutput: (stream, bytes) => {
            count[stream] += bytes.length
            most = Math.max(most, process.memoryUsage().arrayBuffers - before)
          },
        })
        expect(ran.result).toMatchObject({ result: 'done', exit: 0 })
        expect(count).toEqual({ stdout: 100_000_000, stderr: 50_000_000 })
        // Of 150 MB; what the collector has not got round to yet is in it.
        expect(most).toBeLessThan(110_000_000)
      })

      test('is held back while its output is not taken', async () => {
        let release = () => {}
        const gate = new Promise<void>((resolve) => {
          release = resolve
        })
        let first = true
        let begun = () => {}
        const began = new Promise<void>((resolve) => {
          begun = resolve
        })
        writeFileSync(at('progress'), '')
        const ran = run(
          session,
          `for i in 1 2 3 4 5 6 7 8; do head -c 4000000 /dev/zero; echo "$i" >>${at('progress')}; done`,
          {
            onOutput: () => {
              if (!first) return undefined
              first = false
              begun()
              return gate
            },
          },
        )
        await began
        // A later request on the way shows that the far end has had its turn, and still it is not through.
        await new Promise((resolve) => setTimeout(resolve, 300))
        expect(readFileSync(at('progress'), 'utf8')).not.toMatch('8')
        release()
        expect((await ran).result).toMatchObject({ exit: 0 })
        expect(readFileSync(at('progress'), 'utf8')).toMatch('8')
      })

      test('cannot forge frames, whatever it prints', async () => {
        const ran = await run(
          session,
          `printf '\\n%032d0 end 1 0 -\\n' 0; printf '\\n'; cat /proc/$PPID/cmdline | tr '\\0' ' '; env; exit 3`,
        )
        expect(ran.result).toMatchObject({ result: 'done', exit: 3 })
        const marks = await run(session, 'cat /proc/$PPID/environ | tr "\\0" "\\n"; exit 4')
        expect(marks.result).toMatchObject({ result: 'done', exit: 4 })
      })

      test('has nothing on stdin, starts in / with umask 022 and no signal ignored', async () => {
        const ran = await run(session, 'cat; pwd; umask; grep SigIgn /proc/self/status')
        expect(ran.stdout.toString()).toBe(`/\n0022\nSigIgn:\t0000000000000000\n`)
      })

      test('runs by the interpreter that it names', async () => {
        expect(
          (await run(session, '#!/bin/bash -e\nx=(a b); echo "${x[1]}"; false; echo no')).stdout.toString(),
        ).toBe('b\n')
        expect(
          (await run(session, '#! /usr/bin/env bash\necho "$BASH" | grep -c bash')).stdout.toString(),
        ).toBe('1\n')
        const missing = await run(session, '#!/nowhere/python9\n')
        expect(missing.result).toMatchObject({ result: 'done', exit: 127 })
        expect(missing.stderr.toString()).toMatch('/nowhere/python9')
        expect((await run(session, '#!/bin/sh\r\necho hi\r\n')).result).toMatchObject({
          result: 'refused',
          message: expect.stringMatching(/apply.sh ends in a carriage return/),
        })
        expect((await run(session, 'echo unterminated "')).result).toMatchObject({ result: 'done', exit: 2 })
      })

      test('that leaves a process behind with its streams does not hold up the run, nor reach the next', async () => {
        const ran = await run(
          session,
          `(trap '' HUP; i=0; while [ ! -e ${at('stop')} ] && [ $i -lt 4000 ]; do echo noise; echo noise >&2; sleep 0.05; i=$((i+1)); done; echo done >${at('stopped')}) & echo "pid $!"`,
        )
        expect(ran.result).toMatchObject({ result: 'done', exit: 0 })
        const [pid = 0] = pidsIn(ran.stdout.toString())
        for (let i = 0; i < 10; i++) {
          const next = await run(session, 'sleep 0.06; echo mine')
          expect(next.stdout.toString()).toBe('mine\n')
          expect(next.stderr.toString()).toBe('')
        }
        expect(lives(pid)).toBe(true)
        writeFileSync(at('stop'), '')
        await until(() => existsSync(at('stopped')))
      })

      test('that has files and leaves a process in a session of its own does not reach the next either', async () => {
        const file = fileOf(at('with files'), 'x\n')
        const ran = await run(
          session,
          `setsid sh -c 'i=0; while [ ! -e ${at('halt')} ] && [ $i -lt 4000 ]; do echo noise; echo noise >&2; sleep 0.05; i=$((i+1)); done; echo >${at('halted')}' & :`,
          { files: [file] },
        )
        expect(ran.result).toMatchObject({ result: 'done', exit: 0 })
        for (let i = 0; i < 5; i++) {
          const next = await run(session, 'sleep 0.06; echo mine', { files: [file] })
          expect([next.stdout.toString(), next.stderr.toString()]).toEqual(['mine\n', ''])
        }
        writeFileSync(at('halt'), '')
        await until(() => existsSync(at('halted')))
      })

      test('of many has pipes that are its own, however many there are', async () => {
        for (let i = 0; i < 70; i++) {
          const ran = await run(session, `echo ${i}; echo ${i} >&2`)
          expect([ran.stdout.toString(), ran.stderr.toString()]).toEqual([`${i}\n`, `${i}\n`])
        }
      })

      test('that makes its output non-blocking, or closes it, harms nobody', async () => {
        const blocking = await run(
          session,
          `#!/usr/bin/env python3
import os
os.set_blocking(1, False)
os.set_blocking(2, False)
`,
        )
        expect(blocking.result).toMatchObject({ result: 'done', exit: 0 })
        expect((await run(session, 'head -c 3000000 /dev/zero')).stdout.length).toBe(3_000_000)
        expect((await run(session, 'exec >&- 2>&-; sleep 0.1')).result).toMatchObject({ exit: 0 })
      })

      test('that is ended by a signal says which', async () => {
        expect((await run(session, 'kill -KILL $$')).result).toMatchObject({ result: 'done', exit: 137 })
      })
    })

    describe('values', () => {
      const hostile: Record<string, string> = {
        QUOTES: `a'b"c\`d\\e`,
        COMMAND: '$(touch /tmp/anneal-pwned) `touch /tmp/anneal-pwned` ; touch /tmp/anneal-pwned',
        LINES: 'one\ntwo\n\n+ three\ngo\nv X=1\nend\n',
        EMPTY: '',
        BLANK: '  two  blanks\t',
        EMOJI: 'é 😁 \u{1F469}\u200D\u{1F52C} \u0081\u0088',
        GLOB: '* ? [a-z] ~ $HOME ${x:-y} %s %n \\n',
        DASH: '-n -e --',
        CONTROL: '\u0001\u0007\u001b[31m\u007f\r',
        __proto__x: 'constructor',
        LONG: 'ß'.repeat(30_000),
      }

      test('arrive as they are', async () => {
        const names = Object.keys(hostile)
        const script = `${names.map((name) => `printf '%s\\0' "$${name}"`).join('\n')}\n`
        const ran = await run(session, script, { env: hostile })
        expect(ran.stdout.toString().split('\0').slice(0, -1)).toEqual(names.map((name) => hostile[name]))
        expect(existsSync('/tmp/anneal-pwned')).toBe(false)
      })

      test('arrive as they are, any text', async () => {
        const text = fc
          .string({ unit: 'binary', maxLength: 60 })
          .map((value) => value.replaceAll('\0', '').toWellFormed())
        await fc.assert(
          fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 8 }), async (values) => {
            const env = Object.fromEntries(values.map((value, i) => [`V${i}`, value]))
            const ran = await run(session, values.map((_, i) => `printf '%s\\0' "$V${i}"`).join('\n'), {
              env,
            })
            expect(ran.stdout.toString().split('\0').slice(0, -1)).toEqual(values)
          }),
          { numRuns: 25 },
        )
      })

      test('come as JSON in a private file, which is emptied afterwards', async () => {
        const inputs = JSON.stringify({ text: 'x\'y"z\n$(id)😁', list: [1, null, true] })
        const ran = await run(
          session,
          'cat "$ANNEAL_INPUTS"; stat -c " %a" "$ANNEAL_INPUTS" >&2; echo "$ANNEAL_INPUTS" >>"$ANNEAL_OUTPUTS"',
          { inputs },
        )
        expect(ran.stdout.toString().trimEnd()).toBe(inputs)
        expect(ran.stderr.toString()).toBe(' 600\n')
        const path = ran.result.result === 'done' ? Buffer.from(ran.result.outputs).toString().trim() : ''
        expect(statSync(path).size).toBe(0)
        const large = JSON.stringify({ text: 'x'.repeat(3_000_000) })
        const before = session.traffic.roundTrips
        expect((await run(session, 'cat "$ANNEAL_INPUTS"', { inputs: large })).stdout.toString()).toBe(large)
        expect(session.traffic.roundTrips - before).toBe(1)
      })

      test('that no variable can carry are refused before anything is sent', async () => {
        const before = session.traffic.bytesSent
        const nul = await run(session, 'echo no', { env: { A: 'x\0y' } })
        expect(nul.result).toMatchObject({
          result: 'refused',
          retry: false,
          message: expect.stringMatching(/A holds a NUL/),
        })
        const name = await run(session, 'echo no', { env: { 'A;touch /tmp/anneal-pwned': 'x' } })
        expect(name.result).toMatchObject({ result: 'refused', retry: false })
        expect(session.traffic.bytesSent).toBe(before)
      })

      test('of one run are not there in the next', async () => {
        await run(session, ':', { env: { LEFT: 'over' } })
        expect((await run(session, 'echo "[${LEFT-}]"')).stdout.toString()).toBe('[]\n')
      })
    })

    describe('files', () => {
      test('are sent and written only where they differ, and the script is told which', async () => {
        const files = [
          fileOf(at('new/deep er/one'), 'first\n'),
          fileOf(at('two'), Buffer.from([0, 10, 255, 13]), { mode: '0600' }),
        ]
        const before = { ...session.traffic }
        const first = await run(session, 'printf %s "$ANNEAL_CHANGED_FILES"', { files })
        expect(first.stdout.toString()).toBe(files.map(({ path }) => path).join('\n'))
        expect(first.result).toMatchObject({
          files: [
            { path: files[0]?.path, differs: ['absent'] },
            { path: files[1]?.path, differs: ['absent'] },
          ],
        })
        expect(readFileSync(at('new/deep er/one'), 'utf8')).toBe('first\n')
        expect(readFileSync(at('two')).equals(Buffer.from([0, 10, 255, 13]))).toBe(true)
        expect(statSync(at('two')).mode & 0o7777).toBe(0o600)
        expect(statSync(at('new')).mode & 0o7777).toBe(0o755)
        // Little is sent without being asked for.
        expect(session.traffic.roundTrips - before.roundTrips).toBe(1)

        const middle = { ...session.traffic }
        const again = await run(session, 'printf %s "$ANNEAL_CHANGED_FILES"', { files })
        expect(again.stdout.toString()).toBe('')
        expect(again.result).toMatchObject({ result: 'done', files: [] })
        expect(session.traffic.roundTrips - middle.roundTrips).toBe(1)
        expect(session.traffic.contentBytesSent).toBe(middle.contentBytesSent)

        const [one, two] = files as [WorkFile, WorkFile]
        const third = { ...session.traffic }
        const changed = await run(session, ':', { files: [fileOf(one.path, 'other\n'), two] })
        expect(changed.result).toMatchObject({ files: [{ path: one.path, differs: ['content'] }] })
        expect(session.traffic.contentBytesSent - third.contentBytesSent).toBeLessThanOrEqual(
          'other\n'.length + 1,
        )
        expect(readFileSync(one.path, 'utf8')).toBe('other\n')
      })

      test('that were put in place and changed since are asked for, and put right', async () => {
        const file = fileOf(at('changed since'), 'as it should be\n')
        await run(session, '', { files: [file] })
        writeFileSync(file.path, 'as somebody else had it\n')
        const before = { ...session.traffic }
        const ran = await run(session, 'printf %s "$ANNEAL_CHANGED_FILES"', { files: [file] })
        expect(ran.stdout.toString()).toBe(file.path)
        expect(readFileSync(file.path, 'utf8')).toBe('as it should be\n')
        expect(session.traffic.roundTrips - before.roundTrips).toBe(2)
      })

      test('that come along and stand there already are not written', async () => {
        const file = fileOf(at('there already'), 'the same\n')
        writeFileSync(file.path, 'the same\n', { mode: 0o644 })
        const inode = statSync(file.path).ino
        const absent = fileOf(at('not there'), 'new\n')
        const ran = await run(session, ':', { files: [file, absent] })
        expect(ran.result).toMatchObject({ files: [{ path: absent.path, differs: ['absent'] }] })
        expect(statSync(file.path).ino).toBe(inode)
      })

      test('have mode, owner and group put right without being sent', async () => {
        const path = at('owned')
        await run(session, ':', { files: [fileOf(path, 'x')] })
        const inode = statSync(path).ino
        const before = session.traffic.contentBytesSent
        const ran = await run(session, ':', {
          files: [fileOf(path, 'x', { mode: '4750', owner: 'daemon', group: '2' })],
        })
        expect(ran.result).toMatchObject({ files: [{ path, differs: ['mode', 'owner', 'group'] }] })
        expect(session.traffic.contentBytesSent - before).toBeLessThanOrEqual(1)
        expect(statSync(path)).toMatchObject({ uid: 1, gid: 2, ino: inode })
        expect(statSync(path).mode & 0o7777).toBe(0o4750)
        const numeric = await run(session, ':', {
          files: [fileOf(path, 'x', { mode: '4750', owner: '1', group: 'bin' })],
        })
        expect(numeric.result).toMatchObject({ files: [] })
      })

      test('take the place of links, and leave what links lead to alone', async () => {
        writeFileSync(at('target'), 'precious')
        symlinkSync(at('target'), at('link'))
        symlinkSync(directory, at('dirlink'))
        await run(session, ':', { files: [fileOf(at('link'), 'precious'), fileOf(at('dirlink'), 'd')] })
        expect(readFileSync(at('target'), 'utf8')).toBe('precious')
        expect(readFileSync(at('dirlink'), 'utf8')).toBe('d')
      })

      test('that cannot be put in place are refused, with nothing half-written and no script run', async () => {
        const files = [fileOf(at('first'), 'x'), fileOf(at('second'), 'y', { owner: 'no-such-user' })]
        const ran = await run(session, `touch ${at('ran')}`, { files })
        expect(ran.result).toMatchObject({
          result: 'refused',
          retry: true,
          message: expect.stringMatching(/second cannot be put in place: .*no-such-user/),
          files: [],
        })
        for (const name of ['first', 'second', 'ran']) expect(existsSync(at(name))).toBe(false)
        const onDirectory = await run(session, ':', { files: [fileOf(directory, 'x')] })
        expect(onDirectory.result).toMatchObject({
          result: 'refused',
          message: expect.stringMatching(/not as a regular file/),
        })
        const inFile = await run(session, ':', { files: [fileOf(`${at('two')}/x`, 'x')] })
        expect(inFile.result).toMatchObject({ result: 'refused' })
        const readOnly = await run(session, ':', { files: [fileOf('/proc/anneal', 'x')] })
        expect(readOnly.result).toMatchObject({
          result: 'refused',
          message: expect.stringMatching(/^\/proc\/anneal cannot/),
        })
        expect((await run(session, `find ${directory} -name ".anneal*"`)).stdout.toString()).toBe('')
      })

      test('with odd names are refused when lines could not carry them', async () => {
        for (const path of ['relative', '/a\nb', '/a\\b', '/a/', '/\u0000']) {
          const ran = await run(session, ':', { files: [fileOf(path, 'x')] })
          expect(ran.result).toMatchObject({ result: 'refused', retry: false })
        }
        const ran = await run(session, ':', { files: [fileOf(at("it's $(here) *"), 'x', { mode: '0640' })] })
        expect(ran.result).toMatchObject({ result: 'done' })
        expect(readFileSync(at("it's $(here) *"), 'utf8')).toBe('x')
        const owner = await run(session, ':', { files: [fileOf(at('z'), 'x', { owner: '--reference=/' })] })
        expect(owner.result).toMatchObject({ result: 'refused', retry: false })
      })

      test('are only compared when that is asked for', async () => {
        writeFileSync(at('drifted'), 'other', { mode: 0o600 })
        const files = [
          fileOf(at('drifted'), 'x'),
          fileOf(at('absent'), 'x'),
          fileOf(directory, 'x'),
          fileOf(at('two'), 'x'),
        ]
        await run(session, ':', { files: [fileOf(at('two'), 'x')] })
        const before = session.traffic.roundTrips
        const ran = await run(session, 'printf %s "$ANNEAL_CHANGED_FILES"', { files, filesMode: 'compare' })
        expect(ran.result).toMatchObject({
          files: [
            { path: at('drifted'), differs: ['content', 'mode'] },
            { path: at('absent'), differs: ['absent'] },
            { path: directory, differs: ['kind'] },
          ],
        })
        expect(ran.stdout.toString()).toBe([at('drifted'), at('absent'), directory].join('\n'))
        expect(readFileSync(at('drifted'), 'utf8')).toBe('other')
        expect(existsSync(at('absent'))).toBe(false)
        expect(session.traffic.roundTrips - before).toBe(1)
      })

      test('may be large, and may come without a script', async () => {
        const content = Buffer.alloc(5_000_003, 'abcdefghij\n')
        const ran = await run(session, '', {
          files: [fileOf(at('large'), content)],
          script: undefined as never,
        })
        expect(ran.result).toMatchObject({ result: 'done', exit: 0, files: [{ path: at('large') }] })
        expect(readFileSync(at('large')).equals(content)).toBe(true)
      })
    })

    describe('ending early', () => {
      const three = family(
        ['stubborn', 'child', 'grandchild'],
        `sh -c 'sh -c "echo pid \\$\\$; : >$0/grandchild; exec sleep 1000" & echo "pid $$"; : >"$0/child"; wait' "$here" &`,
      )

      test('a deadline ends the script and everything that it started', async () => {
        const { said, ended } = await startedBefore(SOON, session, three)
        expect(pidsIn(said).length).toBe(4)
        const { result } = await ended
        expect(result).toMatchObject({ result: 'fault', sent: true, fault: { code: 'deadline' } })
        expect(pidsIn(said).filter(lives)).toEqual([])
      })

      test('a cancelled run ends the same way, and lets the script clean up', async () => {
        const abort = new AbortController()
        const { ended } = await started(
          session,
          `trap 'echo cleaned >${at('cleaned')}; exit 0' TERM; echo started; while :; do sleep 0.1; done`,
          {},
          abort.signal,
        )
        abort.abort()
        expect((await ended).result).toMatchObject({ result: 'fault', fault: { code: 'cancelled' } })
        expect(readFileSync(at('cleaned'), 'utf8')).toBe('cleaned\n')
      })

      test('a flood that nobody wants ends too', async () => {
        const abort = new AbortController()
        let seen = 0
        const ran = run(
          session,
          'exec cat /dev/zero',
          {
            onOutput: (_stream, bytes) => {
              seen += bytes.length
              if (seen > 1_000_000) abort.abort()
            },
          },
          abort.signal,
        )
        expect((await ran).result).toMatchObject({ result: 'fault', fault: { code: 'cancelled' } })
      })

      test('what was cancelled before its turn is never sent', async () => {
        const abort = new AbortController()
        const { ended } = await started(
          session,
          `echo started; while [ ! -e ${at('go')} ]; do sleep 0.05; done`,
        )
        const waiting = run(session, `touch ${at('never')}`, {}, abort.signal)
        abort.abort()
        expect((await waiting).result).toMatchObject({
          result: 'fault',
          sent: false,
          fault: { code: 'cancelled' },
        })
        writeFileSync(at('go'), '')
        expect((await ended).result).toMatchObject({ exit: 0 })
        expect(existsSync(at('never'))).toBe(false)
      })

      test('a run that was done before it could be ended counts as done', async () => {
        const abort = new AbortController()
        const { ended } = await started(session, 'echo started; exit 5', {}, abort.signal)
        const { result } = await ended
        abort.abort()
        expect(result).toMatchObject({ result: 'done', exit: 5 })
      })
    })

    test('several requests are carried out in the order in which they were given', async () => {
      writeFileSync(at('order'), '')
      const runs = Array.from({ length: 20 }, (_, i) => run(session, `echo ${i} >>${at('order')}`))
      await Promise.all(runs)
      expect(readFileSync(at('order'), 'utf8').trim().split('\n').map(Number)).toEqual(runs.map((_, i) => i))
    })

    test('closing ends a run in flight, and says that it was not finished', async () => {
      const other = await far.open()
      // A newer session takes the place of the old one.
      await session.lost
      const { said, ended } = await started(other, 'echo "pid $$"; echo started; sleep 1000')
      await other.close()
      expect((await ended).result).toMatchObject({ result: 'fault', sent: true })
      expect(pidsIn(said).filter(lives)).toEqual([])
      expect((await run(other, ':')).result).toMatchObject({ result: 'fault', sent: false })
      session = await far.open()
    })
  })
}

export async function until(question: () => boolean): Promise<void> {
  while (!question()) await new Promise((resolve) => setTimeout(resolve, 20))
}
