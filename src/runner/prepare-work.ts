// Prepares work before it leaves for a runner: secrets that its inputs stand for are brought here, where they may be read.
import type { NodeFault } from '../model/run.ts'
import type { Work } from '../model/runner-talk.ts'
import { type Bringing, withSecrets } from './secrets.ts'

export type Prepared = { ok: true; work: Work } | { ok: false; fault: NodeFault }

export async function prepareWork(work: Work, bringing: Bringing): Promise<Prepared> {
  if (work.kind === 'contact' || work.kind === 'exec') return { ok: true, work }
  if (work.kind === 'run') {
    const brought = await withSecrets(work.order, bringing)
    if (!brought.ok) return brought
    return { ok: true, work: { kind: 'run', order: { ...brought.with, references: [] } } }
  }
  const parts = []
  for (const part of work.order.parts) {
    const brought = await withSecrets(part, bringing)
    if (!brought.ok) return brought
    parts.push({ ...brought.with, references: [] })
  }
  return { ok: true, work: { ...work, order: { ...work.order, parts } } }
}
