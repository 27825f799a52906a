// A template over the same values is rendered once, over others anew; what failed is tried again, and too much begins afresh.
import { expect, test } from 'vitest'
import { RenderedOnce } from './rendered-once.ts'

test('once for each', () => {
  const once = new RenderedOnce()
  let times = 0
  const ask = (of: number, text = `text ${of}`) =>
    once.get({ of }, () => {
      times++
      return { ok: true, text }
    })
  const first = ask(1)
  expect(ask(1)).toEqual(first)
  expect(times).toBe(1)
  expect(ask(2)).not.toEqual(first)
  expect(times).toBe(2)
  expect(once.get({ of: 3 }, () => ({ ok: false, message: 'no' }))).toEqual({ ok: false, message: 'no' })
  expect(ask(3)).toMatchObject({ ok: true })
  for (let of = 10; of < 80; of++) ask(of, 'x'.repeat(1024 * 1024))
  times = 0
  ask(1)
  expect(times).toBe(1)
})
