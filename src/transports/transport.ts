// The Transport interface: opens sessions with nodes, which carry framed work so that a run costs a round trip.
import type { NodeAddress, NodeFault } from '../model/run.ts'
import type { Session } from '../model/work.ts'

export interface Transport {
  kind: NodeAddress['transport']['kind']
  /** One login, then a loop at the far end. Faults are values; nothing is thrown. */
  open(node: NodeAddress, options: OpenOptions): Promise<Opened>
}

export interface OpenOptions {
  signal: AbortSignal
  connectTimeoutMs: number
  /** Things people should see once, e.g. a host key pinned on first enrolment with its fingerprint. */
  notice(message: string): void
}

export type Opened = { ok: true; session: Session } | { ok: false; fault: NodeFault }
