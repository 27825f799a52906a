// Runs as rows of a time line: one row per node-role, in the order in which they began.
import type { RunView } from '../../../src/model/view.ts'
import type { GanttRow } from './gantt.tsx'
import { nodeRolePath } from './links.ts'
import { formatDuration } from './moments.ts'

export function runRows(
  runs: readonly (RunView & { endedAt?: number })[],
  critical: ReadonlySet<string>,
  now: number,
): GanttRow[] {
  const rows = new Map<string, GanttRow>()
  for (const run of [...runs].sort((a, b) => a.startedAt - b.startedAt)) {
    const row = rows.get(run.nodeRole) ?? {
      key: run.nodeRole,
      label: run.nodeRole,
      href: nodeRolePath(run.nodeRole),
      bars: [],
    }
    rows.set(run.nodeRole, row)
    const toMs = run.endedAt ?? (run.durationMs === undefined ? now : run.startedAt + run.durationMs)
    const isCritical = critical.has(run.run)
    row.bars.push({
      key: run.run,
      fromMs: run.startedAt,
      toMs,
      says: `${run.run} ${run.nodeRole}: ${run.action} ${run.result}, ${formatDuration(toMs - run.startedAt)}${isCritical ? ', on the critical path' : ''}`,
      tone: run.result === 'ok' ? 'ok' : run.result === 'running' ? 'running' : 'bad',
      critical: isCritical,
    })
  }
  return [...rows.values()]
}
