// A dry run: looks at nodes for what a difference would change there. Nothing is locked, journaled or written on a node.
import { diffTarget } from '../annealer/diff.ts'
import { targetOf } from '../annealer/decide.ts'
import { type DryRun, dryRunOf } from '../annealer/dry-run.ts'
import type { World } from '../annealer/world.ts'
import type { CheckOutcome, Finding } from '../model/drift.ts'
import type { DryRunReport, Unlooked } from '../model/dry-run.ts'
import type { DryRunRequest } from '../model/operations.ts'
import { type Answer, answer } from '../model/refusal.ts'
import type { Site } from '../model/site.ts'
import type { Diff } from '../model/view.ts'
import type { SiteParts } from './site-parts.ts'

export interface Planned extends DryRun {
  diff: Diff
}

/** `served`: whether runners elsewhere can be asked. */
export function planDryRun(world: World, site: Site, served: boolean): Answer<Planned> {
  const target = targetOf(world, site)
  if (!target.ok) return target
  const diff = diffTarget(world, target.value)
  const ids = diff.changes.map(({ nodeRole }) => nodeRole)
  return answer({ diff, ...dryRunOf(world, target.value, ids, served) })
}

export async function carryOutDryRun(
  { makeRunner }: Pick<SiteParts, 'makeRunner'>,
  { diff, orders, unlooked }: Planned,
  request: DryRunRequest,
): Promise<DryRunReport> {
  const { content, signal } = request
  const waiting = new Map<string, (outcome: CheckOutcome) => void>()
  const blob = (digest: string): Promise<Uint8Array | undefined> => Promise.resolve(content.get(digest))
  const runner = await makeRunner(
    blob,
    {
      report(report) {
        if (report.kind === 'reportCheck') waiting.get(report.check)?.(report.outcome)
      },
      notice: (node, message) => request.onNotice(node, message),
    },
    'aside',
  )
  const close = (): void => void runner.close()
  signal.addEventListener('abort', close, { once: true })
  const outcomes = await Promise.all(
    orders.map(
      (order) =>
        new Promise<CheckOutcome>((resolve) => {
          waiting.set(order.check, resolve)
          runner.check(order)
        }),
    ),
  )
  signal.removeEventListener('abort', close)
  await runner.close()
  const findings: Finding[] = []
  const all: Unlooked[] = [...unlooked]
  for (const [at, outcome] of outcomes.entries()) {
    if (outcome.result === 'done') findings.push(...outcome.findings)
    else {
      const { fault } = outcome
      all.push(
        ...(orders[at]?.parts ?? []).map(({ nodeRole }): Unlooked => ({ nodeRole, why: 'fault', fault })),
      )
    }
  }
  return { diff, findings: findings.sort(byNodeRole), unlooked: all.sort(byNodeRole) }
}

function byNodeRole(a: { nodeRole: string }, b: { nodeRole: string }): number {
  return a.nodeRole < b.nodeRole ? -1 : 1
}
