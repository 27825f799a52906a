// The Driver interface: how an action is carried out on a node, from an order to an outcome; nothing is thrown.
import type { Json } from '../base/json.ts'
import type { CheckOrder, Finding } from '../model/drift.ts'
import type { NodeFault, RunOrder, RunOutcome } from '../model/run.ts'
import type { OutputStream, Session } from '../model/work.ts'

export interface Driver {
  kind: RunOrder['role']['driver']
  carryOut(order: RunOrder, session: Session, surroundings: Surroundings): Promise<RunOutcome>
  /** All parts in one round trip. A fault: the connection or the node failed, and no part is told. */
  check(order: CheckOrder, session: Session, surroundings: Surroundings): Promise<Checked>
}

export type Checked = { ok: true; findings: Finding[] } | { ok: false; fault: NodeFault }

export interface Surroundings {
  /** Scripts and templates by digest, as the committed revision has them. */
  blob(digest: string): Promise<Uint8Array | undefined>
  /** Jinja; a fault says file, line and column of the template. */
  render: (template: string, path: string, scope: Record<string, unknown>) => Rendered
  /** Ajv or alike: undefined when the value fits. */
  schema(schema: Json): (value: Json) => string | undefined
  /** Redacted already. A promise holds the script back until it resolves. */
  log(stream: OutputStream, bytes: Uint8Array): void | Promise<void>
  signal: AbortSignal
}

export type Rendered = { ok: true; text: string } | { ok: false; message: string }
