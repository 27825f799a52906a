// The asides of a runner: what was asked together lives as long as one of it does, and ends together where it is to end.
import { expect, test } from 'vitest'
import type { CheckOrder } from '../model/drift.ts'
import type { Told } from '../model/runner-talk.ts'
import { Asides } from './asides.ts'
import type { Report } from './runner.ts'

function scene() {
  const lookers: { of: string; report: (report: Report) => void; checks: string[]; isClosed: boolean }[] = []
  const told: Told[] = []
  const asides = new Asides({
    async makeLooker(of, events) {
      const looker = {
        of,
        report: (report: Report) => events.report(report),
        checks: [] as string[],
        isClosed: false,
      }
      lookers.push(looker)
      return {
        check: ({ check }: CheckOrder) => void looker.checks.push(check),
        start: () => {},
        cancel: () => {},
        contact: () => {},
        close: async () => void (looker.isClosed = true),
      }
    },
    makeExecutor: () => Promise.reject(new Error('nothing is executed here')),
    tell: (one) => void told.push(one),
    print: async () => {},
    notice: () => {},
  })
  const look = (hand: number, of = 'look-1'): void =>
    asides.begin(hand, { kind: 'look', of, order: { check: `check-${hand}` } as CheckOrder })
  const found = (at: number, hand: number): void =>
    lookers[at]?.report({
      kind: 'reportCheck',
      check: `check-${hand}`,
      token: 1,
      node: 'n1',
      outcome: { result: 'done', findings: [], durationMs: 1 },
    })
  return { asides, lookers, told, look, found }
}

test('looks that were asked together share what they look with as long as one of them is under way', async () => {
  const { lookers, told, look, found } = scene()
  look(1)
  look(2)
  await settled()
  expect(lookers.map(({ checks }) => checks)).toEqual([['check-1', 'check-2']])
  found(0, 1)
  await settled()
  expect(lookers[0]?.isClosed).toBe(false)
  found(0, 2)
  await settled()
  expect(lookers[0]?.isClosed).toBe(true)
  expect(told.map(({ hand }) => hand)).toEqual([1, 2])
  look(3)
  await settled()
  // To the nodes it is another one: it ends nothing of the one before.
  expect(new Set(lookers.map(({ of }) => of)).size).toBe(2)
})

test('one that is to end ends all that were asked together, and no others', async () => {
  const { asides, lookers, look } = scene()
  look(1)
  look(2)
  look(3, 'look-2')
  asides.end(2)
  await settled()
  expect(lookers.map(({ isClosed }) => isClosed)).toEqual([true, false])
})

/** All that waits only for what is there already has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
