// A simulated transport: sessions without a far end, for tests and demos; plain functions decide what happens.
import type { NodeAddress, NodeFault } from '../model/run.ts'
import type { Session, Work, WorkResult } from '../model/work.ts'
import type { Transport } from './transport.ts'

export interface SimulatedWorld {
  /** A fault when the node cannot be reached now. */
  reach?(node: NodeAddress): NodeFault | undefined
  carryOut?(node: NodeAddress, work: Work, signal: AbortSignal): Promise<WorkResult>
  /** Called with what ends the session from outside, e.g. to let a test cut it. */
  opened?(node: NodeAddress, cut: (fault: NodeFault) => void): void
}

export function simulatedTransport(kind: Transport['kind'], world: SimulatedWorld = {}): Transport {
  return {
    kind,
    async open(node) {
      const fault = world.reach?.(node)
      return fault === undefined ? { ok: true, session: sessionWith(node, world) } : { ok: false, fault }
    },
  }
}

function sessionWith(node: NodeAddress, world: SimulatedWorld): Session {
  let gone: NodeFault | undefined
  const traffic = { roundTrips: 0, bytesSent: 0, contentBytesSent: 0 }
  const lost = new Promise<NodeFault>((resolve) => {
    world.opened?.(node, (fault) => {
      gone = fault
      resolve(fault)
    })
  })
  return {
    node: node.name,
    lost,
    traffic,
    async carryOut(work, signal) {
      traffic.roundTrips++
      return one(work, signal)
    },
    async carryOutTogether(works, signal) {
      traffic.roundTrips++
      const results: WorkResult[] = []
      for (const work of works) results.push(await one(work, signal))
      return results
    },
    async close() {},
  }

  async function one(work: Work, signal: AbortSignal): Promise<WorkResult> {
    if (gone !== undefined) return { result: 'fault', fault: gone, sent: false, durationMs: 0 }
    const nothing: WorkResult = {
      result: 'done',
      exit: 0,
      outputs: new Uint8Array(),
      files: [],
      durationMs: 0,
    }
    const result = (await world.carryOut?.(node, work, signal)) ?? nothing
    return gone === undefined ? result : { result: 'fault', fault: gone, sent: true, durationMs: 0 }
  }
}
