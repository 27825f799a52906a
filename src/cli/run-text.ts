// One run as one line: `+` changed, `=` unchanged, `-` removed, `!` not done; and a cycle's runs as a summary.
import { formatDuration } from '../base/duration.ts'
import { visibleLines } from '../base/visible.ts'
import { type NodeRoleId, nodeRoleName } from '../model/names.ts'
import type { UpResult } from '../model/operations.ts'
import type { Reason } from '../model/reason.ts'
import type { NodeRoleView, RunView } from '../model/view.ts'
import { causeWords, reasonWords } from '../model/words.ts'
import { compare, waitingLines } from './status-text.ts'
import { firstLine, indent, type Line, type Span, type Style, styled, wholeText } from './text.ts'
import { table } from './table.ts'

export function startLine(run: RunView): Line {
  return [
    styled('busy', '>'),
    ` ${run.nodeRole}  `,
    styled('faint', `${run.action}, ${causeWords(run.cause)} (${run.run})`),
  ]
}

export function finishLine(run: RunView): Line {
  const [mark, style, word] = verdict(run)
  const took = run.durationMs === undefined ? '' : ` in ${formatDuration(run.durationMs)}`
  const message = run.message === undefined || run.message === '' ? '' : `: ${firstLine(run.message)}`
  const attempt = run.attempt > 1 ? `, attempt ${run.attempt}` : ''
  return [
    styled(style, mark),
    ` ${run.nodeRole}  `,
    styled(style === 'faint' ? 'plain' : style, word),
    `${took}${message}`,
    styled('faint', ` (${run.run}${attempt})`),
  ]
}

/** What a run came to: a sign, its colour, a word. */
export function verdict(run: RunView): readonly [string, Style, string] {
  switch (run.result) {
    case 'running':
      return ['>', 'busy', 'running']
    case 'failed':
      return ['!', 'bad', 'failed']
    case 'fault':
      return ['!', 'bad', 'not finished']
    case 'lost':
      return ['!', 'bad', 'lost']
    case 'ok':
      return okVerdict(run)
  }
}

function okVerdict(run: RunView): readonly [string, Style, string] {
  if (run.action === 'remove') return ['-', 'good', 'removed']
  if (run.changed === false) return ['=', 'faint', 'unchanged']
  if (run.action === 'check') return ['=', 'faint', 'checked']
  return run.changed === true ? ['+', 'good', 'changed'] : ['+', 'good', 'done']
}

/** What ran, how long, what failed or is blocked and why, what to do next. */
export function summaryLines(result: UpResult, now: number, width: number | undefined): Line[] {
  const lines: Line[] = []
  if (result.runs.length > 0) lines.push([], ...runTable(result.runs, width))
  const isTold = result.outcome === 'interrupted' ? isFailed : isTroubled
  const troubled = result.status.nodeRoles.filter(isTold).sort((a, b) => compare(a.id, b.id))
  if (troubled.length > 0) lines.push([], ...troubleLines(troubled, now))
  const waiting = waitingLines(result.status.waiting)
  if (waiting.length > 0) lines.push([], ...waiting)
  if (lines.length > 0) lines.push([])
  return [...lines, closingLine(result)]
}

function runTable(runs: readonly RunView[], width: number | undefined): Line[] {
  const roles = new Map<string, RunView[]>()
  for (const run of runs) {
    const { deployment, role } = nodeRoleName(run.nodeRole)
    const key = `${deployment}/${role}`
    const known = roles.get(key)
    if (known === undefined) roles.set(key, [run])
    else known.push(run)
  }
  const rows = [...roles]
    .sort(([a], [b]) => compare(a, b))
    .map(([role, of]): Span[] => {
      const longest = of.reduce((a, b) => ((b.durationMs ?? 0) > (a.durationMs ?? 0) ? b : a))
      const failed = of.filter((run) => run.result !== 'ok' && run.result !== 'running').length
      return [
        role,
        String(of.length),
        String(of.filter((run) => run.changed === true).length),
        failed > 0 ? styled('bad', String(failed)) : '0',
        `${formatDuration(longest.durationMs ?? 0)} on ${nodeRoleName(longest.nodeRole).node}`,
      ]
    })
  return table(
    [
      { title: 'ROLE', shrinksTo: 16 },
      { title: 'RUNS', align: 'right' },
      { title: 'CHANGED', align: 'right' },
      { title: 'FAILED', align: 'right' },
      { title: 'LONGEST' },
    ],
    rows,
    width,
  )
}

/** So many in full; the others are counted. */
const TROUBLES = 10
const TAIL_LINES = 12

function troubleLines(troubled: readonly NodeRoleView[], now: number): Line[] {
  const ids = new Set(troubled.map(({ id }) => id))
  const roots = troubled.filter(({ reason }) => !ids.has(waitedFor(reason) ?? ''))
  const groups = alike(roots.length > 0 ? roots : troubled)
  const shown = groups.slice(0, TROUBLES)
  const lines = shown.flatMap((group) => oneTrouble(group, now))
  const more = troubled.length - shown.reduce((sum, group) => sum + group.length, 0)
  if (more === 0) return lines
  const why = shown.length < groups.length ? '' : ', waiting for these'
  return [...lines, [styled('faint', `and ${more} more${why}: anneal status`)]]
}

/** What it would go on with: whose trouble that is tells it already. */
function waitedFor(reason: Reason): NodeRoleId | undefined {
  if (reason.kind === 'requirement') return reason.nodeRole
  if (reason.kind !== 'inputUnbound') return undefined
  const { unbound } = reason
  if (unbound.kind === 'outputUnknown') return unbound.nodeRole
  return unbound.kind === 'outputsUnknown' ? unbound.missing[0] : undefined
}

/** Those of one role whose runs failed in the same words, those of one node that wait for it; each of the others by itself. */
function alike(troubled: readonly NodeRoleView[]): NodeRoleView[][] {
  const groups = new Map<string, NodeRoleView[]>()
  for (const each of troubled) {
    const key = troubleKey(each)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [each])
    else group.push(each)
  }
  return [...groups.values()]
}

function troubleKey({ id, deployment, role, reason }: NodeRoleView): string {
  if (reason.kind === 'failed') return `${deployment}/${role} ${reason.message}\n${reason.tail}`
  return isOfNode(reason) ? `${reason.kind} ${reason.node}` : id
}

function isOfNode(reason: Reason): reason is Extract<Reason, { kind: OfNode }> {
  return OF_NODE.has(reason.kind)
}

type OfNode = 'neverReached' | 'notAlive' | 'notAvailable' | 'noRunner'
const OF_NODE: ReadonlySet<Reason['kind']> = new Set<OfNode>([
  'neverReached',
  'notAlive',
  'notAvailable',
  'noRunner',
])

function oneTrouble(group: readonly NodeRoleView[], now: number): Line[] {
  const nodeRole = group[0] as NodeRoleView
  const words = reasonWords(nodeRole.id, nodeRole.reason, now)
  const style: Style = nodeRole.state === 'error' ? 'bad' : 'warn'
  const [says, further] = wholeText(words.says)
  const isNode = group.length > 1 && isOfNode(nodeRole.reason)
  const head: Line = isNode ? [styled(style, '! '), says] : [styled(style, `! ${nodeRole.id}`), `  ${says}`]
  const lines: Line[] = [head, ...indent(4, further)]
  if (nodeRole.reason.kind === 'failed') {
    const tail = visibleLines(nodeRole.reason.tail).slice(-TAIL_LINES)
    lines.push(...tail.map((line): Line => [styled('faint', '    | '), line]))
  }
  if (isNode) {
    const roles = group.map(({ deployment, role }) => `${deployment}/${role}`)
    lines.push([styled('faint', `    ${roles.length} node-roles wait for it: ${someOf(roles)}`)])
  } else if (group.length > 1) {
    const nodes = group.slice(1).map(({ node }) => node)
    lines.push([styled('faint', `    the same on ${nodes.length} more: ${someOf(nodes)}`)])
  }
  if (words.next !== undefined) lines.push([styled('faint', '    next: '), words.next])
  return lines
}

function someOf(names: readonly string[]): string {
  return names.length > NAMED ? `${names.slice(0, NAMED - 1).join(', ')} and others` : names.join(', ')
}

/** So many are named of those with the same trouble. */
const NAMED = 5

/** After an interrupt all else is merely unfinished. */
function isFailed({ state }: NodeRoleView): boolean {
  return state === 'error'
}

/** What is yet to run is no trouble, unless it waits for a person. */
function isTroubled({ state, reason }: NodeRoleView): boolean {
  if (state === 'todo') return reason.kind === 'waits' && WORDS.has(reason.wait.kind)
  return (
    state === 'error' || state === 'blocked' || reason.kind === 'restsOnFailed' || reason.kind === 'stale'
  )
}

const WORDS = new Set(['approval', 'held'])

function closingLine(result: UpResult): Line {
  const { site, revision } = result.status
  return [styled('strong', site), `  revision ${revision}  `, OUTCOME[result.outcome], `  ${total(result)}`]
}

const OUTCOME: Record<UpResult['outcome'], Span> = {
  ready: styled('good', 'ready'),
  chosenReady: styled('good', 'what was asked for is active; anneal up runs the rest'),
  atRestWithProblems: styled('bad', 'at rest, with problems'),
  waitsForApproval: styled('warn', 'waits for your word'),
  declined: styled('warn', 'nothing was committed'),
  interrupted: styled('warn', 'interrupted: anneal up goes on from here'),
}

function total(result: UpResult): string {
  if (result.runs.length === 0) return `nothing to run, ${formatDuration(result.wallMs)}`
  const changed = result.runs.filter((run) => run.changed === true).length
  const runs = result.runs.length === 1 ? '1 run' : `${result.runs.length} runs`
  // Scripts that do not say whether they changed anything must not look as if they had not.
  const isSilent = result.runs.some((run) => run.result === 'ok' && run.changed === undefined)
  const changes = changed === 0 && isSilent ? '' : `, ${changed} changed`
  return `${runs}${changes}, ${formatDuration(result.wallMs)}`
}
