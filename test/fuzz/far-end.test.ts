// Frames of the remote loop: whatever comes over a wire, each exchange ends in a result or is called garbled, and keeps little.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FOUND_MOST, type Work } from '../../src/model/work.ts'
import { Exchange } from '../../src/transports/exchange.ts'
import { type Frame, FrameReader, Garbled } from '../../src/transports/frames.ts'
import { evilText, fuzz } from './hostile.ts'

const NONCE = 'abcdef0123456789abcdef0123456789'
const bytes = Buffer.from('wanted\n')
const file = { digest: 'a'.repeat(64), bytes, mode: '0644', owner: 'root', group: 'root' }
const WORK: Work = {
  files: ['/a', '/b'].map((path) => ({ path, ...file })),
  filesMode: 'show',
  script: { name: 's', digest: 'b'.repeat(64), bytes },
  env: {},
  inputs: '{}',
  become: false,
  deadlineMs: 1,
  onOutput: () => {},
}

const word = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '1',
      '0',
      '-',
      'script',
      'content',
      'mode',
      'bytes',
      '644|root|root',
      'killed',
      '2',
      '999',
    ),
  },
  { weight: 1, arbitrary: evilText.map((text) => text.replaceAll('\n', ' ')) },
)
const kind = fc.constantFrom(
  'start',
  'file',
  'found',
  'need',
  'outputs',
  'refuse',
  'end',
  'have',
  'down',
  'ready',
  'nowhere',
)
const mark = fc
  .record({
    level: fc.constantFrom('0', '1', '', '7'),
    kind,
    words: fc.array(word, { maxLength: 4 }),
    seq: fc.constantFrom('1', '1', '1', '2', ''),
  })
  .map(({ level, kind: is, words, seq }) => `\n${NONCE}${level} ${[is, seq, ...words].join(' ')}\n`)
const piece = fc.oneof(
  mark,
  mark,
  evilText,
  fc.constantFrom(`\n${NONCE}`, `\n${NONCE.slice(0, 9)}`, 'x'.repeat(70_000)),
)
const GOOD = `\n${NONCE}0 file 1 0 content mode\n\n${NONCE}0 found 1 0 bytes 600|root|root\nfound\n\n${NONCE}0 start 1\nhello\n\n${NONCE}0 outputs 1\na=1\n\n${NONCE}0 end 1 0 -\n`

test('any stream of frames, cut anywhere', async () => {
  const stream = fc
    .tuple(fc.array(piece, { maxLength: 8 }), fc.nat(GOOD.length), fc.array(piece, { maxLength: 3 }))
    .map(([before, at, more]) => GOOD.slice(0, at) + before.join('') + GOOD.slice(at) + more.join(''))
  await fuzz('frames of the remote loop', fc.tuple(stream, fc.nat(100_000)), async ([text, cut]) => {
    const sent = Buffer.from(text)
    const at = cut % (sent.length + 1)
    const reader = new FrameReader(NONCE)
    const exchange = new Exchange(1, WORK)
    let asked = 0
    try {
      for (const chunk of [sent.subarray(0, at), sent.subarray(at)])
        for (const frame of reader.push(chunk)) asked += await take(exchange, frame)
      exchange.mark('stderr', ['end', '1'])
    } catch (error) {
      expect(error).toBeInstanceOf(Garbled)
      expect((error as Error).message.length).toBeLessThan(500)
      exchange.fail({ code: 'garbled', message: 'x' })
    }
    exchange.fail({ code: 'connectionLost', message: 'x' })
    const result = await exchange.done
    expect(asked).toBeLessThan(20)
    if (result.result !== 'done') return
    expect(result.files.length).toBeLessThanOrEqual(2)
    expect(result.outputs.length).toBeLessThanOrEqual(1_200_000)
    for (const { path, found } of result.files) {
      expect(['/a', '/b']).toContain(path)
      expect(found?.bytes?.length ?? 0).toBeLessThanOrEqual(FOUND_MOST + 1)
    }
  })
})

async function take(exchange: Exchange, frame: Frame): Promise<number> {
  if (frame.kind === 'bytes') {
    await exchange.bytes('stdout', frame.bytes)
    return 0
  }
  return exchange.mark('stdout', frame.words)?.need.length ?? 0
}
