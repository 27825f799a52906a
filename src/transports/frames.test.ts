// Frames survive any cut of the stream, and nothing but the nonce makes a mark.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Frame, FrameReader, Garbled, MARK } from './frames.ts'

const NONCE = '0123456789abcdef'

describe('frames', () => {
  test('bytes and marks come apart exactly', () => {
    const stream = `noise${MARK}${NONCE}0 start 1\nout\n${MARK}${NONCE}0 end 1 0 -\n`
    expect(read([Buffer.from(stream)])).toEqual(['noise', ['start', '1'], 'out\n', ['end', '1', '0', '-']])
  })

  test('however the stream is cut, and whatever stands between', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('\n', MARK, `${MARK}${NONCE.slice(0, 9)}`, NONCE, `${NONCE}0 end 1\n`, `${MARK}0`, '')
        .map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.nat(400), { maxLength: 20 }),
        (pieces, cuts) => {
          const body = Buffer.concat(pieces)
          fc.pre(!body.includes(`${MARK}${NONCE}`))
          const stream = Buffer.concat([
            Buffer.from(`${MARK}${NONCE}1 start 7\n`),
            body,
            Buffer.from(`${MARK}${NONCE}1 end 7\n`),
          ])
          const frames = read(cut(stream, cuts))
          expect(frames[0]).toEqual(['start', '7'])
          expect(frames.at(-1)).toEqual(['end', '7'])
          expect(frames.slice(1, -1).join('')).toBe(body.toString('latin1'))
        },
      ),
    )
  })

  test('a line is shown with its end, and what may be a mark as soon as it cannot be one', () => {
    const reader = new FrameReader(NONCE)
    expect(shown(reader.push(Buffer.from('a\n')))).toEqual(['a\n'])
    expect(shown(reader.push(Buffer.from(`b${MARK}`)))).toEqual(['b'])
    expect(shown(reader.push(Buffer.from('c')))).toEqual([`${MARK}c`])
    expect(shown(reader.push(Buffer.from(`${MARK}${NONCE.slice(0, 15)}`)))).toEqual([])
    expect(shown(reader.push(Buffer.from('x')))).toEqual([`${MARK}${NONCE.slice(0, 15)}x`])
  })

  test('a mark without level or without end is refused', () => {
    expect(() => read([Buffer.from(`${MARK}${NONCE}9 end\n`)])).toThrow(Garbled)
    expect(() => read([Buffer.from(`${MARK}${NONCE}0 ${'x'.repeat(70_000)}`)])).toThrow(Garbled)
  })
})

function read(chunks: Buffer[]): (string | string[])[] {
  const reader = new FrameReader(NONCE)
  return chunks.flatMap((chunk) => shown(reader.push(chunk)))
}

function shown(frames: Iterable<Frame>): (string | string[])[] {
  return [...frames].map((frame) =>
    frame.kind === 'mark' ? frame.words : Buffer.from(frame.bytes).toString('latin1'),
  )
}

function cut(stream: Buffer, cuts: number[]): Buffer[] {
  const places = [...new Set([0, ...cuts.map((place) => place % (stream.length + 1)), stream.length])].sort(
    (a, b) => a - b,
  )
  return places.slice(1).map((to, i) => stream.subarray(places[i], to))
}
