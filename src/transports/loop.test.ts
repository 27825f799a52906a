// A far end that lies: whatever it sends, each request ends in a result, and nothing is thrown.
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Session, WorkResult } from '../model/work.ts'
import { MARK } from './frames.ts'
import { openLoop } from './loop.ts'
import type { Wire, WireEnd } from './wire.ts'

const NEVER = new AbortController().signal
const LOST = { code: 'connectionLost', message: 'lost' } as const

/** A far end in our hands: it hears what is sent, and says what a test makes it say. */
class LyingFarEnd {
  readonly wire: Wire
  heard = ''
  nonce = ''
  #stdout = new PassThrough()
  #stderr = new PassThrough()
  #end!: (end: WireEnd) => void
  #waiting: { for: string; resolve(): void }[] = []

  constructor() {
    const stdin = new PassThrough()
    stdin.on('data', (bytes: Buffer) => this.#hear(bytes.toString('latin1')))
    this.wire = {
      stdin,
      stdout: this.#stdout,
      stderr: this.#stderr,
      pid: undefined,
      ended: new Promise((resolve) => {
        this.#end = resolve
      }),
      kill: () => this.die(),
    }
  }

  mark(words: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    this.say(`${MARK}${this.nonce}0 ${words}\n`, stream)
  }

  say(text: string | Uint8Array, stream: 'stdout' | 'stderr' = 'stdout'): void {
    const readable = stream === 'stdout' ? this.#stdout : this.#stderr
    if (!readable.writableEnded) readable.write(text)
  }

  die(): void {
    this.#stdout.end()
    this.#stderr.end()
    this.#end({ how: 'exit', code: 1 })
  }

  hears(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ for: text, resolve })
      this.#hear('')
    })
  }

  #hear(text: string): void {
    this.heard += text
    this.nonce = /a_nonce=.([0-9a-f]{32})0/.exec(this.heard)?.[1] ?? this.nonce
    const met = this.#waiting.filter((wait) => this.heard.includes(wait.for))
    this.#waiting = this.#waiting.filter((wait) => !met.includes(wait))
    for (const wait of met) wait.resolve()
  }
}

async function open(far: LyingFarEnd): Promise<Session> {
  const opening = openLoop(far.wire, {
    node: 'n1',
    slot: 's',
    signal: NEVER,
    openTimeoutMs: 60_000,
    graceSeconds: 1,
    explain: () => LOST,
  })
  await far.hears('#end\n')
  far.mark('ready 0 -')
  const opened = await opening
  if (!opened.ok) throw new Error(opened.fault.message)
  return opened.session
}

function request(
  session: Session,
  more: { files?: number; script?: boolean; onOutput?: () => void } = {},
): Promise<WorkResult> {
  const bytes = Buffer.from('x')
  const file = { path: '/x', digest: 'a'.repeat(64), bytes, mode: '0644', owner: 'root', group: 'root' }
  return session.carryOut(
    {
      files: Array.from({ length: more.files ?? 0 }, () => file),
      filesMode: 'write',
      ...(more.script === false ? {} : { script: { name: 's', digest: 'b'.repeat(64), bytes } }),
      env: {},
      inputs: '{}',
      become: false,
      deadlineMs: 60_000,
      onOutput: more.onOutput ?? (() => {}),
    },
    NEVER,
  )
}

describe('a lie', () => {
  test.each([
    ['an answer to another request', 'end 99 0 -'],
    ['an unknown word', 'sing 1'],
    ['a file that was not sent', 'file 1 7 content'],
    ['an unknown difference', 'file 1 0 colour'],
    ['a wish for a file that there is not', 'need 1 7'],
    ['a wish for what is no number', 'need 1 __proto__'],
    ['a wish for the same bytes again and again', `need 1${' 0'.repeat(1_000)}`],
    ['a word without end', 'x'.repeat(60_000)],
  ])('%s is called garbled, and ends the session', async (_name, words) => {
    const far = new LyingFarEnd()
    const session = await open(far)
    const result = request(session, { files: 1 })
    await far.hears('go\n')
    far.mark(words)
    expect(await result).toMatchObject({ result: 'fault', sent: true, fault: { code: 'garbled' } })
    const lost = await session.lost
    expect(lost).toMatchObject({ code: 'garbled' })
    expect(lost.message.length).toBeLessThan(200)
    expect(await request(session)).toMatchObject({ result: 'fault', sent: false })
  })

  test('a file that is told again and again, each time with its bytes, is garbled', async () => {
    const far = new LyingFarEnd()
    const session = await open(far)
    const result = request(session, { files: 1 })
    await far.hears('go\n')
    for (const _ of [1, 2]) {
      far.mark('file 1 0 content')
      far.mark('found 1 0 bytes 644|root|root')
      far.say('x'.repeat(1_000))
    }
    expect(await result).toMatchObject({
      fault: { code: 'garbled', message: expect.stringMatching(/twice/) },
    })
  })

  test('an answer before there is a question is garbled, too', async () => {
    const far = new LyingFarEnd()
    const session = await open(far)
    far.mark('end 1 0 -')
    expect(await session.lost).toMatchObject({ code: 'garbled' })
  })

  test('a script asked for where there is none is garbled', async () => {
    const far = new LyingFarEnd()
    const session = await open(far)
    const result = request(session, { script: false })
    await far.hears('go\n')
    far.mark('need 1 script')
    expect(await result).toMatchObject({ fault: { code: 'garbled' } })
  })

  test('outputs and refusals without end are cut', async () => {
    const far = new LyingFarEnd()
    const session = await open(far)
    const result = request(session)
    await far.hears('go\n')
    far.mark('outputs 1')
    for (let i = 0; i < 40; i++) far.say(Buffer.alloc(100_000, 'x'))
    far.mark('end 1 0 -')
    far.mark('end 1', 'stderr')
    const done = await result
    expect(done.result === 'done' && done.outputs.length).toBe(1024 * 1024 + 64 * 1024)
  })

  test('whatever marks come in whatever order, each request gets one result', async () => {
    const word = fc.constantFrom(
      'ready 0 -',
      'have x/y',
      'down 1',
      'down x',
      'nowhere',
      'stuck',
      'start 1',
      'end 1 0 -',
      'end 1 x -',
      'end 1 0 killed',
      'end 1',
      'outputs 1',
      'refuse 1 0',
      'refuse 1 -',
      'file 1 0 content',
      'need 1 0',
      'need 1 script',
      'need 1',
      '',
    )
    const line = fc.record({
      words: word,
      stderr: fc.boolean(),
      noise: fc.string({ unit: 'binary', maxLength: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 10 }), async (lines) => {
        const far = new LyingFarEnd()
        const session = await open(far)
        const result = request(session, { files: 1 })
        await far.hears('go\n')
        for (const { words, stderr, noise } of lines) {
          far.mark(words, stderr ? 'stderr' : 'stdout')
          far.say(noise, stderr ? 'stderr' : 'stdout')
        }
        setImmediate(() => far.die())
        expect(['done', 'refused', 'fault']).toContain((await result).result)
        await session.close()
      }),
      { numRuns: 200 },
    )
  })
})

test('a consumer that throws ends the session and not the process', async () => {
  const far = new LyingFarEnd()
  const session = await open(far)
  const result = request(session, {
    onOutput: () => {
      throw new Error('stumbled')
    },
  })
  await far.hears('go\n')
  far.mark('start 1')
  far.say('x')
  expect(await result).toMatchObject({
    result: 'fault',
    fault: { code: 'internal', message: expect.stringMatching(/stumbled/) },
  })
})

test('nothing comes in between a length and its bytes', async () => {
  const far = new LyingFarEnd()
  const session = await open(far)
  const abort = new AbortController()
  const bytes = Buffer.alloc(500_000, 'y')
  const file = { path: '/x', digest: 'a'.repeat(64), bytes, mode: '0644', owner: 'root', group: 'root' }
  const result = session.carryOut(
    {
      files: [file, file],
      filesMode: 'write',
      env: {},
      inputs: '{}',
      become: false,
      deadlineMs: 60_000,
      onOutput: () => {},
    },
    abort.signal,
  )
  await far.hears('go\n')
  far.mark('need 1 0 1')
  await far.hears('give 0 500000\n')
  abort.abort()
  await far.hears('\nkill 1 1\n')
  const given = /give 0 500000\n(y*)give 1 500000\n(y*)given\n\nkill 1 1\n$/.exec(far.heard)
  expect(given?.slice(1).map((part) => part.length)).toEqual([500_000, 500_000])
  far.die()
  expect(await result).toMatchObject({ fault: { code: 'cancelled' } })
})
