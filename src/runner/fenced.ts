// A transport that is of use only while a lease holds: whoever was asleep past it sends nothing more to any node.
import type { NodeFault } from '../model/run.ts'
import type { Session, WorkResult } from '../model/work.ts'
import type { Transport } from '../transports/transport.ts'

/** `holds` is asked right before anything goes out. */
export function fenced(transport: Transport, holds: () => boolean): Transport {
  return {
    kind: transport.kind,
    async open(node, options) {
      if (!holds()) return { ok: false, fault: OVER }
      const opened = await transport.open(node, options)
      return opened.ok ? { ok: true, session: fencedSession(opened.session, holds) } : opened
    },
  }
}

function fencedSession(session: Session, holds: () => boolean): Session {
  return {
    node: session.node,
    lost: session.lost,
    traffic: session.traffic,
    close: () => session.close(),
    carryOut: async (work, signal) => (holds() ? session.carryOut(work, signal) : nothingSent()),
    carryOutTogether: async (works, signal) =>
      holds() ? session.carryOutTogether(works, signal) : works.map(nothingSent),
  }
}

const OVER: NodeFault = { code: 'cancelled', message: 'the lease of this runner is over' }

function nothingSent(): WorkResult {
  return { result: 'fault', fault: OVER, sent: false, durationMs: 0 }
}
