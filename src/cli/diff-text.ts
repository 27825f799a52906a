// A diff as lines: by role, then by what happens there and why, with values before and after; equal changes stand once.
import { unreachable } from '../base/assert.ts'
import { canonical } from '../base/canonical.ts'
import { formatDuration } from '../base/duration.ts'
import type { Json } from '../base/json.ts'
import { nodeRoleName } from '../model/names.ts'
import type { Diff, Estimate, InputChange, KnownAfter, MayFollow, NodeRoleChange } from '../model/view.ts'
import { causeWords, unboundWords } from '../model/words.ts'
import { compare, shortLines } from './status-text.ts'
import { stepsLines } from './rollout-text.ts'
import { indent, type Line, type Span, type Style, styled } from './text.ts'
import { type ValuePart, valueParts } from './value-change.ts'

/** Nodes of a group that are named unless all are asked for. */
const NAMED = 5

export function diffLines(diff: Diff, all: boolean): Line[] {
  if (isEmptyDiff(diff)) return [[styled('good', 'nothing to change'), ` at revision ${diff.onto}`]]
  const lines: Line[] = [diffHead(diff)]
  if (diff.changes.length === 0) lines.push(['nothing would run'])
  if (diff.estimate) lines.push(...estimateLines(diff.nodes, diff.estimate))
  if (diff.nodesAdded.length > 0) lines.push(nodesLine('+', 'good', diff.nodesAdded, all))
  if (diff.nodesRemoved.length > 0) lines.push(nodesLine('-', 'bad', diff.nodesRemoved, all))
  lines.push(...shortLines(diff.short))
  const changes = byRole(diff.changes)
  const follows = byRole(diff.mayFollow)
  for (const role of [...new Set([...changes.keys(), ...follows.keys()])].sort(compare)) {
    lines.push([], [styled('strong', role)])
    for (const group of alike(changes.get(role) ?? [])) lines.push(...groupLines(group, all))
    lines.push(...stepsLines(diff, role))
    lines.push(...mayFollowLines(follows.get(role) ?? [], all))
  }
  return lines
}

/** Files that say what was committed, and nothing to run again. A new revision may still run nothing. */
export function isEmptyDiff(diff: Diff): boolean {
  return diff.changes.length === 0 && diff.revision === diff.onto
}

const MARK: Record<NodeRoleChange['what'], readonly [string, Style, string]> = {
  add: ['+', 'good', 'to add'],
  change: ['~', 'warn', 'to change'],
  remove: ['-', 'bad', 'to remove'],
  retry: ['>', 'busy', 'to run again'],
  rinse: ['<', 'warn', 'to remove and apply afresh'],
}

function diffHead(diff: Diff): Line {
  const spans: Span[] = [`revision ${diff.revision}`]
  if (diff.onto === diff.revision) spans.push(', as committed')
  else if (diff.onto > 0) spans.push(` onto ${diff.onto}`)
  for (const what of Object.keys(MARK) as NodeRoleChange['what'][]) {
    const count = diff.changes.filter((change) => change.what === what).length
    if (count > 0) spans.push('  ', styled(MARK[what][1], `${count} ${MARK[what][2]}`))
  }
  if (diff.mayFollow.length > 0) spans.push('  ', styled('faint', `${diff.mayFollow.length} may follow`))
  return spans
}

function estimateLines(nodes: number, estimate: Estimate): Line[] {
  const { lowMs, expectedMs, highMs, runs, left, guessed } = estimate
  const on = `on ${nodes === 1 ? '1 node' : `${nodes} nodes`}`
  const counted = `${runs === 1 ? '1 run' : `${runs} runs`} ${on}`
  const range = lowMs === highMs ? '' : ` (${formatDuration(lowMs)} to ${formatDuration(highMs)})`
  const lines: Line[] = [[`${counted}, about ${formatDuration(expectedMs)}${range}`]]
  if (guessed.length > 0) {
    const some = namedNodes(guessed, false)
    lines.push([styled('faint', `  a guess: never measured, 1 s assumed for each run of ${some}`)])
  }
  if (left > 0) {
    const waits = left === 1 ? '1 more waits' : `${left} more wait`
    lines.push([styled('faint', `  ${waits} for a machine, a person or a window first`)])
  }
  return lines
}

function nodesLine(mark: string, style: Style, nodes: readonly string[], all: boolean): Line {
  return [
    styled(style, `${mark} ${nodes.length === 1 ? 'node' : 'nodes'} `),
    namedNodes([...nodes].sort(compare), all),
  ]
}

function byRole<T extends { nodeRole: string }>(changes: readonly T[]): Map<string, T[]> {
  const roles = new Map<string, T[]>()
  for (const change of changes) {
    const { deployment, role } = nodeRoleName(change.nodeRole)
    const key = `${deployment}/${role}`
    const known = roles.get(key)
    if (known) known.push(change)
    else roles.set(key, [change])
  }
  return roles
}

/** Changes that differ in nothing but their node. */
function alike(changes: readonly NodeRoleChange[]): NodeRoleChange[][] {
  const groups = new Map<string, NodeRoleChange[]>()
  for (const change of changes) {
    const { what, cause, inputs, knownAfter, destructive } = change
    const { node } = nodeRoleName(change.nodeRole)
    const after = knownAfter.map((known) => [known.input, afterWords(known, node)])
    const key = JSON.stringify([what, cause, inputs, after, destructive])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [change])
    else group.push(change)
  }
  return [...groups.values()]
}

function groupLines(group: readonly NodeRoleChange[], all: boolean): Line[] {
  const change = group[0] as NodeRoleChange
  const [mark, style] = MARK[change.what]
  const nodes = group.map(({ nodeRole }) => nodeRoleName(nodeRole).node).sort(compare)
  const lines: Line[] = [['  ', styled(style, mark), ' ', namedNodes(nodes, all), ...causeSpans(change)]]
  if (change.destructive) lines.push([styled('bad', '      it is marked once and would run again')])
  const names = [...change.inputs, ...change.knownAfter].map(({ input }) => input.length)
  const widest = Math.max(0, ...names)
  for (const input of change.inputs)
    lines.push(...indent(6, inputChangeLines(input, { columns: widest, all })))
  const { node } = nodeRoleName(change.nodeRole)
  for (const known of change.knownAfter) {
    const text = `known after ${afterWords(known, group.length > 1 ? node : undefined)}`
    lines.push(['      ', known.input.padEnd(widest), '  ', styled('faint', text)])
  }
  return lines
}

/** What is added never ran, what is removed is being removed: the sign has said so. */
function causeSpans({ what, cause }: NodeRoleChange): Span[] {
  if ((what === 'add' && cause.kind === 'new') || (what === 'remove' && cause.kind === 'removal')) return []
  return [styled('faint', `  ${causeWords(cause)}`)]
}

function namedNodes(nodes: readonly string[], all: boolean): string {
  const names = nodes.map((node) => (node === '-' ? 'the deployment' : node))
  if (all || names.length <= NAMED) return names.join(', ')
  return `${names.slice(0, NAMED - 1).join(', ')} and ${names.length - NAMED + 1} more`
}

/** Parts of one value that are shown unless all are asked for. */
const PARTS = 8

/** One line where both values can be taken in at a glance, else a line for each part that differs. */
export function inputChangeLines(change: InputChange, { columns = 0, all = false } = {}): Line[] {
  const name = `${change.input.padEnd(columns)}  `
  if (change.sensitive) return [[name, styled('faint', '(sensitive)'), sensitiveMove(change)]]
  const { before, after } = change
  if (before === undefined) return [[name, styled('good', shownValue(after))]]
  if (after === undefined) return [[name, styled('bad', shownValue(before)), ' -> (no value)']]
  const parts = canonical(before).length + canonical(after).length > GLANCE ? valueParts(before, after) : []
  const shown = all ? parts : parts.slice(0, PARTS)
  if (shown.length === 0) return [[name, ...movedSpans(before, after)]]
  const lines = shown.map((part, i): Line => [i === 0 ? name : ' '.repeat(name.length), ...partSpans(part)])
  if (shown.length < parts.length)
    lines.push([' '.repeat(name.length), `and ${parts.length - shown.length} more differences`])
  return lines
}

/** Characters of both values together. */
const GLANCE = 120

function partSpans(part: ValuePart): Span[] {
  const path = part.path === '' ? '' : `${part.path} `
  switch (part.what) {
    case 'added':
      return [styled('good', `+ ${path}${shownValue(part.value)}`)]
    case 'removed':
      return [styled('bad', `- ${path}${shownValue(part.value)}`)]
    case 'changed':
      return [styled('warn', part.path === '' ? '' : '~ '), path, ...movedSpans(part.before, part.after)]
    case 'moved':
      return [styled('warn', '~ '), path, 'the same in another order']
    default:
      return unreachable(part)
  }
}

/** Of two long texts what stands around their first difference. */
function movedSpans(before: Json, after: Json): Span[] {
  const texts = [canonical(before), canonical(after)] as const
  const from = texts.every((text) => text.length > MOST_SHOWN) ? differFrom(...texts) - LEAD_IN : 0
  const [was, is] = texts.map((text) => shownText(text, from)) as [string, string]
  return [styled('bad', was), ' -> ', styled('good', is)]
}

const LEAD_IN = 20

function differFrom(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}

/** Sensitive values come without before and after; then only that it is another one can be told. */
function sensitiveMove(change: InputChange): string {
  if (change.before === undefined && change.after !== undefined) return ' is set'
  if (change.before !== undefined && change.after === undefined) return ' is taken away'
  return ' changes'
}

/** JSON with sorted keys, in one line; a long one is cut and says how long it is. */
export function shownValue(value: Json | undefined, most = MOST_SHOWN): string {
  return value === undefined ? '(no value)' : shownText(canonical(value), 0, most)
}

const MOST_SHOWN = 160

function shownText(text: string, from: number, most = MOST_SHOWN): string {
  if (text.length <= most) return text
  const start = Math.max(0, from)
  const piece = text.slice(start, start + most).toWellFormed()
  const end = start + most < text.length ? '…' : ''
  return `${start > 0 ? '…' : ''}${piece}${end} (${text.length} characters)`
}

/** Completes "known after ...". Of something on `node` it says so, so that nodes that are alike read alike. */
function afterWords({ unbound, runs, more, contacts }: KnownAfter, node: string | undefined): string {
  const told = [...runWords(runs, more, node), ...contactWords(contacts, node)]
  if (told.length > 0) return told.join(', ')
  return unbound.kind === 'inputUnbound'
    ? `the input ${unbound.input}`
    : `more is known: ${unboundWords(unbound).says}`
}

function runWords(runs: readonly string[], more: number, node: string | undefined): string[] {
  const others = more > 0 ? ` and ${more} more` : ''
  const groups = [...byRole(runs.map((nodeRole) => ({ nodeRole })))]
  return groups.map(([role, of], i) => {
    const nodes = of.map(({ nodeRole }) => nodeRoleName(nodeRole).node)
    const rest = i === groups.length - 1 ? others : ''
    if (nodes.length === 1 && nodes[0] === node && node !== '-') return `${role} on the same node${rest}`
    return nodes.length === 1 ? `${of[0]?.nodeRole}${rest}` : `${role} on ${nodes.join(', ')}${rest}`
  })
}

function contactWords(contacts: readonly string[], node: string | undefined): string[] {
  if (contacts.length === 0) return []
  const own = contacts.length === 1 && contacts[0] === node
  return [`the first contact with ${own ? 'each' : contacts.join(', ')}`]
}

/** One line for all that may follow the same. */
function mayFollowLines(follows: readonly MayFollow[], all: boolean): Line[] {
  const groups = new Map<string, MayFollow[]>()
  for (const follow of follows) {
    const { deployment, role } = nodeRoleName(follow.after)
    const key = `${deployment}/${role}`
    groups.set(key, [...(groups.get(key) ?? []), follow])
  }
  return [...groups].map(([role, group]): Line => {
    const nodes = group.map(({ nodeRole }) => nodeRoleName(nodeRole).node).sort(compare)
    const afters = [...new Set(group.map(({ after }) => after))]
    const first = afters.length === 1 ? (afters[0] as string) : role
    const words = `  may follow, if ${first} says something new`
    return ['  ', styled('faint', '?'), ' ', namedNodes(nodes, all), styled('faint', words)]
  })
}
