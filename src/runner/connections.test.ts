// A machine that says nothing holds up nobody and is told of once.
import { expect, test } from 'vitest'
import type { NodeAddress, NodeFault } from '../model/run.ts'
import type { Session } from '../model/work.ts'
import type { Transport } from '../transports/transport.ts'
import { Connections } from './connections.ts'

const GONE: NodeFault = { code: 'unreachable', message: 'it does not answer' }

/** Machines called `silent...` are given up when it is said; the others open at once. */
function scene() {
  const giveUp = new Map<string, () => void>()
  const told: string[] = []
  const transport: Transport = {
    kind: 'local',
    open: ({ name }) =>
      new Promise((resolve) => {
        if (name.startsWith('silent')) giveUp.set(name, () => resolve({ ok: false, fault: GONE }))
        else resolve({ ok: true, session: sessionWith(name) })
      }),
  }
  const connections = new Connections({
    transports: [transport],
    connectTimeoutMs: 10_000,
    logins: 2,
    silentAfterMs: 1,
    notice: (node, message) => told.push(`${node}: ${message}`),
    lost: () => {},
  })
  return { connections, giveUp: (name: string) => giveUp.get(name)?.(), told }
}

function sessionWith(node: string): Session {
  return {
    node,
    lost: new Promise<NodeFault>(() => {}),
    close: async () => {},
  } as unknown as Session
}

const called = (name: string): NodeAddress => ({ name, transport: { kind: 'local' } })

test('more silent machines than there are logins at once leave room for the others', async () => {
  const { connections, giveUp, told } = scene()
  const silent = ['silent-1', 'silent-2', 'silent-3'].map((name) => connections.open(called(name)))
  expect(await connections.open(called('n1'))).toMatchObject({ ok: true, session: { node: 'n1' } })
  expect(told.slice(0, 2)).toEqual([
    'silent-1: no answer for 1 ms so far; everything else goes on meanwhile',
    'silent-2: no answer for 1 ms so far; everything else goes on meanwhile',
  ])
  for (const name of ['silent-1', 'silent-2', 'silent-3']) giveUp(name)
  for (const one of silent) expect(await one).toMatchObject({ ok: false, fault: GONE })
})

test('a machine that is silent again is not told of again', async () => {
  const { connections, giveUp, told } = scene()
  for (const next of ['n1', 'n2']) {
    const silent = ['silent-1', 'silent-2'].map((name) => connections.open(called(name)))
    // There is room for it when the silence of another was noticed.
    await connections.open(called(next))
    for (const name of ['silent-1', 'silent-2']) giveUp(name)
    await Promise.all(silent)
  }
  expect(told.filter((said) => said.startsWith('silent-1'))).toHaveLength(1)
  await connections.close()
})
