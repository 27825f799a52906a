// The board of a world: a letter per node-role, in rows by node and columns by role; one walk over all of them.
import { isObject, type Json } from '../base/json.ts'
import { BOARD_LETTERS, type BoardGroup, type BoardRow, type BoardView } from '../model/board.ts'
import { NO_NODE } from '../model/names.ts'
import { type State, STATES } from '../model/reason.ts'
import type { Group } from './graph.ts'
import { variantOf } from './variant.ts'
import type { NodeRole, World } from './world.ts'

export type BoardGrouping = 'deployment' | 'role' | 'rack' | 'variant' | { label: string }

export interface BoardFilter {
  state?: readonly State[] | undefined
  deployment?: readonly string[] | undefined
  role?: readonly string[] | undefined
  node?: readonly string[] | undefined
  /** Each `key=value`. */
  label?: readonly string[] | undefined
  /** Part of a node's name. */
  q?: string | undefined
  group?: BoardGrouping | undefined
  /** Deployments that may be seen; all, where nobody says. */
  mayRead?: (deployment: string) => boolean
}

interface Column {
  deployment: string
  role: string
  index: number
}

interface Row {
  node: string
  group: string | undefined
  cells: Uint8Array
  /** Of its cells, by the index of the state. */
  counts: number[]
}

const DOT = '.'.charCodeAt(0)
const LETTERS = STATES.map((state) => BOARD_LETTERS[state].charCodeAt(0))
const INDEX_OF = Object.fromEntries(STATES.map((state, index) => [state, index])) as Record<State, number>

/** Costs a look at each node-role, whatever is shown of them. */
export function viewBoard(world: World, seq: number, filter: BoardFilter): BoardView {
  const columns = columnsOf(world, filter)
  const rows = rowsOf(world, columns, filter)
  const shown = rows.filter((row) => isShown(row, filter)).sort(byGroupAndNode)
  return {
    seq,
    site: world.target?.site ?? '',
    revision: world.head,
    columns: columns.list.map(({ deployment, role }) => ({ deployment, role })),
    letters: BOARD_LETTERS,
    rows: shown.map(viewRow),
    counts: countsOf(shown),
    ...(filter.group !== undefined && { groups: groupsOf(shown) }),
  }
}

interface Columns {
  list: Column[]
  of(group: Group): Column | null
}

function columnsOf(world: World, filter: BoardFilter): Columns {
  const found = new Map<string, Column>()
  for (const { id, deployment, role } of [...world.plan.groups.values(), ...world.leaving.keys()])
    if (
      fits(filter.deployment, deployment) &&
      fits(filter.role, role.name) &&
      (filter.mayRead?.(deployment) ?? true)
    )
      found.set(id, { deployment, role: role.name, index: 0 })
  const list = [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, column]) => column)
  for (const [index, column] of list.entries()) column.index = index
  const known = new Map<Group, Column | null>()
  return {
    list,
    of(group) {
      let column = known.get(group)
      if (column === undefined) {
        column = found.get(group.id) ?? null
        known.set(group, column)
      }
      return column
    },
  }
}

function rowsOf(world: World, columns: Columns, filter: BoardFilter): Row[] {
  const rows: Row[] = []
  const allowed = nodesAllowed(world, filter)
  const width = columns.list.length
  // One row per node where nodes alone group; else one for each group that a node is part of.
  const splits = filter.group === 'deployment' || filter.group === 'role' || filter.group === 'variant'
  // A node that nothing is placed on is there to be seen, where nothing is asked for that it does not have.
  const showsEmpty = !filter.state && !filter.deployment && !filter.role && !splits
  // By node, as the name of each node-role would have to be looked up else: that is most of the cost.
  for (const { name, nodeRoles } of world.nodes.values())
    if (!allowed || allowed.has(name)) fill(name, nodeRoles)
  if (!allowed || allowed.has(NO_NODE)) fill(NO_NODE, withoutNode(world))
  return rows

  function fill(node: string, nodeRoles: Iterable<NodeRole>): void {
    const before = rows.length
    for (const nodeRole of nodeRoles) {
      const column = columns.of(nodeRole.group)
      if (!column || nodeRole.state === undefined) continue
      const row = rowFor(node, nodeRole, before)
      const index = INDEX_OF[nodeRole.state]
      row.cells[column.index] = LETTERS[index] as number
      row.counts[index] = (row.counts[index] as number) + 1
    }
    if (rows.length === before && showsEmpty && node !== NO_NODE)
      rows.push(newRow(node, labelGroup(world, node, filter.group), width))
  }

  function rowFor(node: string, nodeRole: NodeRole, from: number): Row {
    if (!splits && rows.length > from) return rows[from] as Row
    const group = groupOf(world, nodeRole, filter.group)
    for (let at = from; at < rows.length; at++) if (rows[at]?.group === group) return rows[at] as Row
    const row = newRow(node, group, width)
    rows.push(row)
    return row
  }
}

function newRow(node: string, group: string | undefined, width: number): Row {
  return { node, group, cells: new Uint8Array(width).fill(DOT), counts: [0, 0, 0, 0, 0, 0] }
}

/** Those that belong to their deployment; leaving ones, too. */
function* withoutNode(world: World): Generator<NodeRole> {
  for (const { role, members } of world.plan.groups.values())
    if (role.per === 'deployment') yield* members.values()
  for (const members of world.leaving.values())
    for (const nodeRole of members.values()) if (!nodeRole.node) yield nodeRole
}

function nodesAllowed(world: World, { node, label, q }: BoardFilter): Set<string> | undefined {
  if (!node && !label && q === undefined) return undefined
  const wanted = label?.map((one) => one.split(/=(.*)/s, 2) as [string, string?])
  const names = [...world.nodes.values()].filter(
    ({ name, spec }) =>
      fits(node, name) &&
      (q === undefined || name.includes(q)) &&
      (wanted?.every(([key, value = '']) => textOf(own(spec.labels, key)) === value) ?? true),
  )
  const found = new Set(names.map(({ name }) => name))
  if (fits(node, NO_NODE) && !label && q === undefined) found.add(NO_NODE)
  return found
}

function groupOf(world: World, nodeRole: NodeRole, grouping: BoardGrouping | undefined): string | undefined {
  switch (grouping) {
    case undefined:
      return undefined
    case 'deployment':
      return nodeRole.deployment
    case 'role':
      return nodeRole.group.role.name
    case 'variant':
      return nodeRole.node ? variantOf(nodeRole) : NONE
    default:
      return labelGroup(world, nodeRole.nodeName, grouping)
  }
}

function labelGroup(world: World, node: string, grouping: BoardGrouping | undefined): string | undefined {
  if (grouping === undefined) return undefined
  const key = typeof grouping === 'object' ? grouping.label : grouping
  const labels = world.nodes.get(node)?.spec.labels
  return (labels && textOf(own(labels, key))) || NONE
}

/** What has no such label. */
const NONE = '-'

function textOf(value: Json | undefined): string {
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
}

function own(labels: Json, key: string): Json | undefined {
  return isObject(labels) && Object.hasOwn(labels, key) ? labels[key] : undefined
}

function fits(wanted: readonly string[] | undefined, name: string): boolean {
  return wanted === undefined || wanted.includes(name)
}

function isShown({ counts }: Row, { state }: BoardFilter): boolean {
  return state === undefined || state.some((one) => (counts[INDEX_OF[one]] as number) > 0)
}

function byGroupAndNode(a: Row, b: Row): number {
  const [one, other] = [a.group ?? '', b.group ?? '']
  return one < other ? -1 : one > other ? 1 : a.node < b.node ? -1 : 1
}

function viewRow({ node, group, cells }: Row): BoardRow {
  const text = String.fromCharCode(...cells)
  return group === undefined ? { node, cells: text } : { node, group, cells: text }
}

function countsOf(rows: readonly Row[]): Record<State, number> {
  const sums = STATES.map((_, index) => rows.reduce((sum, { counts }) => sum + (counts[index] as number), 0))
  return Object.fromEntries(STATES.map((state, index) => [state, sums[index]])) as Record<State, number>
}

function groupsOf(rows: readonly Row[]): BoardGroup[] {
  const found = new Map<string, Row[]>()
  for (const row of rows) {
    const group = row.group ?? ''
    const there = found.get(group)
    if (there) there.push(row)
    else found.set(group, [row])
  }
  return [...found].map(([group, members]) => ({ group, rows: members.length, counts: countsOf(members) }))
}
