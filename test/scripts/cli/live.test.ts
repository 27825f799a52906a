// The live part of a terminal: whatever is drawn and printed, the screen shows what was printed and then the last frame.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LiveArea } from '../../../src/cli/live-area.ts'
import { NodeNews } from '../../../src/cli/node-text.ts'
import { Progress } from '../../../src/cli/progress.ts'
import { render } from '../../../src/cli/text.ts'
import type { NodeView } from '../../../src/model/view.ts'
import * as demo from './demo.ts'
import { Screen } from './screen.ts'
import { NOW, stage } from './stage.ts'

const word = fc.stringMatching(/^[a-z ]{0,12}$/)
const step = fc.oneof(
  fc.record({ draw: fc.array(word, { maxLength: 6 }) }),
  fc.record({
    print: fc.array(word, { minLength: 1, maxLength: 3 }),
    to: fc.constantFrom('stdout' as const, 'stderr' as const),
  }),
  fc.constant({ frame: true }),
)

test('the screen is what was printed, then the last frame; after closing only what was printed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const on = stage({ terminal: true, rows: 12, env: { NO_COLOR: '1' } })
      const screen = new Screen(12)
      let drawn: string[] = []
      const printed: string[] = []
      const area = new LiveArea(on.world, () => drawn.map((line) => [line]))
      for (const each of steps) {
        if ('draw' in each) drawn = each.draw
        else if ('print' in each) {
          area.print(
            each.to,
            each.print.map((line) => [line]),
          )
          printed.push(...each.print)
        } else area.frame()
      }
      area.frame()
      for (const { text } of on.written.splice(0)) screen.write(text)
      expect(screen.lines).toEqual([...printed, ...drawn, ''])
      expect(screen.cursorShown).toBe(false)
      area.close()
      for (const { text } of on.written.splice(0)) screen.write(text)
      expect(screen.lines).toEqual([...printed, ''])
      expect(screen.cursorShown).toBe(true)
      expect(on.left()).toEqual([])
    }),
    { numRuns: 200 },
  )
})

test('a machine that does not answer is told of once, and again when it answers', () => {
  const news = new NodeNews()
  const [silent, answering] = demo.NODES as [NodeView, NodeView]
  const told = [silent, silent, { ...answering, name: silent.name }, answering, silent].map((node) =>
    news.of(node).map((line) => render(line, false).slice(0, 22)),
  )
  expect(told.map((lines) => lines[0])).toEqual([
    '! etcd-2 is not alive ',
    undefined,
    '+ etcd-2 answers again',
    undefined,
    '! etcd-2 is not alive ',
  ])
})

test('a frame that is like the last one writes nothing', () => {
  const on = stage({ terminal: true })
  const area = new LiveArea(on.world, () => [['same']])
  on.written.length = 0
  area.frame()
  area.frame()
  expect(on.written).toEqual([])
  area.close()
})

test('a frame is never higher or wider than the terminal', () => {
  const on = stage({ terminal: true, rows: 5, columns: 20, env: { NO_COLOR: '1' } })
  const area = new LiveArea(on.world, () => Array.from({ length: 30 }, (_, i) => [`line ${i} `.repeat(10)]))
  const screen = new Screen(5)
  for (const { text } of on.written) screen.write(text)
  expect(screen.shown()).toHaveLength(4)
  expect(Math.max(...screen.shown().map((line) => line.length))).toBeLessThan(20)
  area.close()
})

test('data goes to stdout and talk to stderr, also when they meet on one screen', () => {
  const on = stage({ terminal: true })
  const area = new LiveArea(on.world, () => [])
  area.print('stdout', [['data']])
  area.print('stderr', [['talk']])
  area.close()
  expect(on.written.filter(({ stream }) => stream === 'stdout').map(({ text }) => text)).toEqual(['data\n'])
})

test('ten thousand node-roles fit: quiet roles and further runs are counted', () => {
  const progress = new Progress()
  const ids = Array.from({ length: 10_000 }, (_, i) => `base/n${i % 500}/role-${Math.floor(i / 500)}`)
  progress.take({
    kind: 'status',
    status: demo.statusOf(ids.map((id) => demo.nodeRole(id, 'active', { kind: 'current' }))),
  })
  expect(progress.temperature()).toBe(0)
  for (const [i, id] of ids.slice(0, 600).entries()) {
    progress.take({ kind: 'run', run: demo.running(i, id), at: NOW })
    progress.take({
      kind: 'nodeRole',
      before: 'active',
      after: demo.nodeRole(id, 'transition', { kind: 'current' }),
      at: NOW,
    })
  }
  const lines = progress.lines(NOW, 80, 24).map((line) => render(line, false))
  expect(lines.length).toBeLessThan(24)
  expect(lines.filter((line) => line.includes('running')).length).toBeGreaterThan(0)
  expect(lines.join('\n')).toContain('and 9 more roles')
  expect(lines.join('\n')).toContain('600 running')
  expect(lines.at(-1)).toMatch(/^and \d+ more runs$/)
})

test('counts follow node-roles as they move, come and go', () => {
  const progress = new Progress()
  progress.take({ kind: 'status', status: demo.QUIET })
  progress.take({ kind: 'gone', nodeRole: 'store/etcd-2/etcd', at: NOW })
  progress.take({ kind: 'gone', nodeRole: 'store/etcd-1/etcd', at: NOW })
  progress.take({
    kind: 'nodeRole',
    after: demo.nodeRole('new/etcd-9/thing', 'todo', {
      kind: 'waits',
      wait: { kind: 'contact', node: 'etcd-9' },
      cause: { kind: 'new' },
    }),
    at: NOW,
  })
  const lines = progress.lines(NOW, 100, 24).map((line) => render(line, false))
  expect(lines).toEqual([
    'base/ready  ██████████████████████████████  2 done',
    'new/thing   ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  0 done  1 waiting',
    'temperature 0.33  0 running, 0 finished, contacting etcd-9',
  ])
})
