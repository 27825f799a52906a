// Log lines by what programs and people may rely on: one line each, the same fields, nothing that a terminal obeys.
import { expect, test } from 'vitest'
import type { LogLevel } from '../base/log.ts'
import { logLines } from './log-lines.ts'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 6)

function lines(
  format: 'json' | 'text',
  level: LogLevel = 'debug',
): { log: ReturnType<typeof logLines>; out: string[] } {
  const out: string[] = []
  return {
    log: logLines(
      { format, level },
      () => NOW,
      (line) => out.push(line),
    ),
    out,
  }
}

test('JSON for programs: time, level, msg, and the fields beside them', () => {
  const { log, out } = lines('json')
  log('warn', 'run failed', { run: 'run-7', took: 1.5, msg: 'not this', time: 0 })
  log('info', 'two\nlines', { text: 'a\nb' })
  expect(out.map((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toEqual([
    true,
    true,
  ])
  expect(JSON.parse(out[0] as string)).toEqual({
    time: '2026-01-02T03:04:05.006Z',
    level: 'warn',
    msg: 'run failed',
    run: 'run-7',
    took: 1.5,
  })
})

test('text for people, in which no terminal finds an order', () => {
  const { log, out } = lines('text')
  log('info', 'cycle ended', { cycle: 7, result: 'ready', why: 'a word\u001b[2J', node: 'n1' })
  expect(out).toEqual([
    '2026-01-02T03:04:05.006Z  info   cycle ended  cycle=7  result=ready  why="a word\\u001b[2J"  node=n1\n',
  ])
  log('info', 'says \u001b[2J')
  expect(out[1]).not.toContain('\u001b')
})

test('what is less than asked for is left out', () => {
  const { log, out } = lines('json', 'warn')
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log(level, level)
  expect(out.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['warn', 'error'])
})

test('a field that is called as secrets are is blotted out', () => {
  const { log, out } = lines('json')
  log('info', 'x', {
    password: 'hunter2',
    Authorization: 'Bearer hunter2',
    cookie: 'hunter2',
    secrets: ['hunter2'],
  })
  expect(out[0]).not.toContain('hunter2')
})
