// The executor by way of runners elsewhere: whoever interrupts a command has it ended over there, and waits for how it ended.
import { expect, test } from 'vitest'
import type { AsideWork } from '../model/runner-talk.ts'
import type { Aside } from './aside.ts'
import { ElsewhereExecutor } from './elsewhere-executor.ts'

function scene() {
  const asked: AsideWork[] = []
  let aside: Aside | undefined
  let givenUp = 0
  const executor = new ElsewhereExecutor({
    desk: {
      aside(work, told) {
        asked.push(work)
        aside = told
        return () => {
          givenUp++
          told.report({
            kind: 'execEnded',
            outcome: {
              result: 'fault',
              fault: { code: 'cancelled', message: 'it was ended' },
              durationMs: 1,
            },
          })
        }
      },
    },
    siteDir: '/nowhere',
    notice: () => {},
  })
  const interrupting = new AbortController()
  const carryOut = () =>
    executor.carryOut(
      {
        exec: 'exec-1',
        node: { name: 'n1', transport: { kind: 'local' } },
        argv: ['true'],
        become: false,
        deadlineMs: 1_000,
        onOutput: () => {},
      },
      interrupting.signal,
    )
  return { asked, carryOut, interrupting, givenUp: () => givenUp, told: () => aside }
}

const ENDED = { result: 'fault', fault: { code: 'cancelled' } }

test('who interrupts a command has it ended over there', async () => {
  const { carryOut, interrupting, givenUp, told } = scene()
  const ended = carryOut()
  expect([told() !== undefined, givenUp()]).toEqual([true, 0])
  interrupting.abort()
  // Not waited for where it was not given up.
  expect(givenUp()).toBe(1)
  expect(await ended).toMatchObject(ENDED)
})

test('who has gone before it was asked has it ended at once', async () => {
  const { carryOut, interrupting, givenUp } = scene()
  interrupting.abort()
  expect(await carryOut()).toMatchObject(ENDED)
  expect(givenUp()).toBe(1)
})
