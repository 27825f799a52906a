// A fenced transport: whoever was overtaken opens nothing and sends nothing, however it is asked whether it was.
import { expect, test } from 'vitest'
import type { NodeAddress } from '../model/run.ts'
import type { Session, Work, WorkResult } from '../model/work.ts'
import type { Transport } from '../transports/transport.ts'
import { fenced } from './fenced.ts'

const NODE: NodeAddress = { name: 'n1', transport: { kind: 'local' } }
const OPTIONS = { signal: new AbortController().signal, connectTimeoutMs: 1, notice: () => {} }
const WORK = {} as Work

function counting(): { transport: Transport; sent: string[] } {
  const sent: string[] = []
  const session = {
    node: 'n1',
    close: async () => {},
    carryOut: async () => void sent.push('one') as unknown as WorkResult,
    carryOutTogether: async () => void sent.push('several') as unknown as WorkResult[],
  } as unknown as Session
  const transport: Transport = {
    kind: 'local',
    open: async () => {
      sent.push('open')
      return { ok: true, session }
    },
  }
  return { transport, sent }
}

for (const [how, answer] of [
  ['at once', (holds: boolean) => holds],
  ['when others have answered', (holds: boolean) => Promise.resolve(holds)],
] as const)
  test(`asked ${how}`, async () => {
    const { transport, sent } = counting()
    let holds = true
    const fence = fenced(transport, () => answer(holds))
    const opened = await fence.open(NODE, OPTIONS)
    if (!opened.ok) throw new Error('it is held')
    const { signal } = OPTIONS
    await opened.session.carryOut(WORK, signal)
    await opened.session.carryOutTogether([WORK], signal)
    expect(sent).toEqual(['open', 'one', 'several'])
    holds = false
    const late = { result: 'fault', sent: false, fault: { code: 'cancelled' } }
    expect(await opened.session.carryOut(WORK, signal)).toMatchObject(late)
    expect(await opened.session.carryOutTogether([WORK, WORK], signal)).toMatchObject([late, late])
    expect(await fence.open(NODE, OPTIONS)).toMatchObject({ ok: false, fault: { code: 'cancelled' } })
    expect(sent).toHaveLength(3)
  })
