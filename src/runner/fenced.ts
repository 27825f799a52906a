// A transport that is of use only while a lease or the journal is held: whoever was asleep past that sends nothing more to any node.
import type { NodeFault } from '../model/run.ts'
import type { Session, WorkResult } from '../model/work.ts'
import type { Transport } from '../transports/transport.ts'

/** Where that has to be asked of others, what is to be sent waits for the answer. */
type Holds = () => boolean | Promise<boolean>

/** `holds` is asked right before anything goes out. */
export function fenced(transport: Transport, holds: Holds): Transport {
  return {
    kind: transport.kind,
    async open(node, options) {
      if (!(await holds())) return { ok: false, fault: OVER }
      const opened = await transport.open(node, options)
      return opened.ok ? { ok: true, session: fencedSession(opened.session, holds) } : opened
    },
  }
}

function fencedSession(session: Session, holds: Holds): Session {
  return {
    node: session.node,
    lost: session.lost,
    traffic: session.traffic,
    close: () => session.close(),
    carryOut: async (work, signal) => ((await holds()) ? session.carryOut(work, signal) : nothingSent()),
    carryOutTogether: async (works, signal) =>
      (await holds()) ? session.carryOutTogether(works, signal) : works.map(nothingSent),
  }
}

const OVER: NodeFault = {
  code: 'cancelled',
  message: 'this process was overtaken: what it held is held by others by now',
}

function nothingSent(): WorkResult {
  return { result: 'fault', fault: OVER, sent: false, durationMs: 0 }
}
