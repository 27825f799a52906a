// Transcripts as the page shows them: records of three writers become lines, long ones whole again, colours by stream.
import { expect, test } from 'vitest'
import { transcriptLines } from './transcript-lines.ts'

function told(text: string): string[] {
  return transcriptLines(text).map(
    ({ from, at, spans }) => `${from} ${at} ${spans.map((span) => span.text).join('')}`,
  )
}

test('each record is a line with its writer and its second', () => {
  expect(told('# 0.000 run-7 apply a/b/c\no 0.012 Reading ...\ne 0.013 oh\r\n')).toEqual([
    '# 0.000 run-7 apply a/b/c',
    'o 0.012 Reading ...',
    'e 0.013 oh',
  ])
})

test('a line in pieces is one line, also when the other stream speaks in between', () => {
  expect(told('o+ 0.1 half \ne 0.1 other\no 0.2 whole\n')).toEqual(['o 0.1 half whole', 'e 0.1 other'])
})

test('a colour of one stream does not reach the other', () => {
  const lines = transcriptLines('e 0.1 \u001b[31mred\no 0.2 plain\n')
  expect(lines.map(({ spans }) => spans[0]?.style)).toEqual([{ colour: 1 }, {}])
})

test('what is no record, and bytes that are no text, are shown all the same', () => {
  expect(told('strange\no 0.1 \udc80x\n')).toEqual(['o  strange', 'o 0.1 <0x80>x'])
})
