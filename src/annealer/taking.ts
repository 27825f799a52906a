// Taking a snapshot: of one moment, and written while the world moves on, as each thing that is about to change is told before it does.
import type { Json } from '../base/json.ts'
import { isSameJson } from '../base/same-json.ts'
import { Flow, type Flowing } from '../base/split.ts'
import type { Target } from '../model/site.ts'
import type { Group } from './graph.ts'
import { NEW_NODE } from './new-node.ts'
import type { NodeRole } from './node-role.ts'
import { Packer } from './packing.ts'
import type { Rollout } from './rollout.ts'
import { ListPacker } from './shared-lists.ts'
import { isPlain, type Row, rowOf } from './snapshot-rows.ts'
import type { Shape, ToldOfExec, ToldOfNode, ToldOfRun, ToldRollout } from './snapshot-shape.ts'
import type { Block } from './unread.ts'
import type { ExecRecord, NodeRecord, Rinse, RunRecord, World } from './world.ts'

/** What there is many of, each told when its turn has come. The rest is copied when the taking begins. */
type Many = 'execs' | 'nodes' | 'rows' | 'apart' | 'leaving' | 'runs' | 'rollouts' | 'large'

/** So many node-roles of one group are told at a stretch, and so small a world is told whole. */
const AT_ONCE = 1_000
/** What is read together when one of them is asked for. */
const BLOCK_ROWS = 200
const BLOCK_CHARACTERS = 50_000

/**
 * Begins a snapshot of what is now: write it by `splitJson`, slice by slice, with turns between them. The world must be settled;
 * one is taken of it at a time. The law "a snapshot that is written while the world moves on" fails where something changes untold.
 */
export function beginSnapshot(world: World, atOnce = AT_ONCE): Flowing {
  const taking = new Taking(world)
  const { nodeRoles, nodes, runs } = world
  if (nodeRoles.size + nodes.size + runs.size <= atOnce) return taking.shape() as unknown as Flowing
  world.taking = taking
  return taking.flowing(atOnce, () => {
    if (world.taking === taking) world.taking = undefined
  })
}

export class Taking {
  /** Things told so far: the work of it, independent of the machine. */
  told = 0
  readonly #rest: Omit<Shape, Many>
  readonly #target: Target | undefined
  readonly #packer = new Packer()
  readonly #groups: Group[]
  readonly #apart = new Map<string, Shape['apart'][string]>()
  readonly #leaving: { nodeRole: NodeRole; revision: number }[]
  readonly #nodes: NodeRecord[]
  readonly #runs: RunRecord[]
  readonly #execs: ExecRecord[]
  readonly #rollouts: Rollout[]
  /** What has changed since and was not written before. */
  readonly #kept = new Map<object, unknown>()
  readonly #written = new Set<Group>()
  #areNodesWritten = false

  constructor(world: World) {
    this.#rest = restOf(world)
    this.#target = world.target
    this.#groups = [...world.plan.groups.values()].sort(by(({ id }) => id))
    this.#leaving = leavingOf(world).map((nodeRole) => ({ nodeRole, revision: nodeRole.revision }))
    this.#nodes = [...world.nodes.values()]
    this.#runs = [...world.runs.values()]
    this.#execs = [...world.execs.values()]
    this.#rollouts = [...world.rollouts.values()]
  }

  /** Call these before what they are about changes, or is bound to something else. */
  keepNodeRole(nodeRole: NodeRole): void {
    if (!this.#written.has(nodeRole.group)) this.#keep(nodeRole, this.#row)
  }

  keepNode(node: NodeRecord): void {
    if (!this.#areNodesWritten) this.#keep(node, this.#node)
  }

  keepRun(run: RunRecord): void {
    this.#keep(run, this.#run)
  }

  keepExec(exec: ExecRecord): void {
    this.#keep(exec, toldOfExec)
  }

  keepRollout(rollout: Rollout): void {
    this.#keep(rollout, toldOfRollout)
  }

  /** All of it now. */
  shape(): Shape {
    const rows: Shape['rows'] = {}
    for (const group of this.#groups) {
      const all = [...this.#rowsOf(group)]
      rows[group.id] = [[all.length, all]]
    }
    return {
      ...this.#rest,
      execs: [...this.#each(this.#execs, toldOfExec)],
      nodes: [...this.#each(this.#nodes, this.#node)].sort(by(({ name }) => name)),
      rows,
      apart: Object.fromEntries(this.#apart),
      leaving: [...this.#rowsOfLeaving()],
      runs: [...this.#each(this.#runs, this.#run)],
      rollouts: [...this.#each(this.#rollouts, toldOfRollout)],
      large: this.#packer.list,
    }
  }

  /** Each thing when it is asked for; `ended` is called when the last one was. */
  flowing(atOnce: number, ended: () => void): Flowing {
    const flow = <T>(things: () => Iterable<T>): Flow => Flow.list(things as () => Iterable<Flowing>)
    const blocksOf = (group: Group): Flowing =>
      group.members.size > atOnce
        ? flow(() => this.#blocksOf(group, atOnce))
        : [...this.#blocksOf(group, atOnce)]
    const { packer, groups, apart } = { packer: this.#packer, groups: this.#groups, apart: this.#apart }
    return {
      ...(this.#rest as unknown as { [key: string]: Flowing }),
      execs: flow(() => this.#each(this.#execs, toldOfExec)),
      nodes: flow(() => this.#eachNode()),
      rows: Flow.object(function* () {
        for (const group of groups) yield [group.id, blocksOf(group)]
      }),
      // Found among the rows, so after them.
      apart: Flow.object(function* () {
        for (const [group, rows] of apart) yield [group, rows]
      }),
      leaving: flow(() => this.#rowsOfLeaving()),
      runs: flow(() => this.#each(this.#runs, this.#run)),
      rollouts: flow(() => this.#each(this.#rollouts, toldOfRollout)),
      // What the others refer to, so after them.
      large: flow(function* () {
        yield* packer.list
        ended()
      }),
    }
  }

  *#rowsOf(group: Group): Generator<Row | 0> {
    const apart: Shape['apart'][string] = []
    for (const [place, member] of group.members.list.entries()) {
      const row = this.#tell(member, this.#row)
      if (!isPlain(row)) apart.push([place, row])
      yield isPlain(row) ? row : 0
    }
    if (apart.length > 0) this.#apart.set(group.id, apart)
    this.#written.add(group)
  }

  *#blocksOf(group: Group, atOnce: number): Generator<Block> {
    let texts: string[] = []
    let length = 0
    const block = (): Block => [texts.length, `[${texts.join(',')}]`]
    for (const row of this.#rowsOf(group)) {
      const text = JSON.stringify(row)
      texts.push(text)
      length += text.length
      if (texts.length < Math.min(atOnce, BLOCK_ROWS) && length < BLOCK_CHARACTERS) continue
      yield block()
      texts = []
      length = 0
    }
    if (texts.length > 0) yield block()
  }

  *#rowsOfLeaving(): Generator<Shape['leaving'][number]> {
    for (const { nodeRole, revision } of this.#leaving)
      yield [nodeRole.id, revision, this.#tell(nodeRole, this.#row)]
  }

  *#eachNode(): Generator<ToldOfNode> {
    yield* this.#each(this.#nodes, this.#node)
    this.#areNodesWritten = true
  }

  *#each<T extends object, U>(things: readonly T[], tell: (thing: T) => U): Generator<U> {
    for (const thing of things) yield this.#tell(thing, tell)
  }

  #tell<T extends object, U>(thing: T, tell: (thing: T) => U): U {
    const kept = this.#kept.get(thing)
    if (kept !== undefined) return kept as U
    this.told++
    return tell(thing)
  }

  #keep<T extends object>(thing: T, tell: (thing: T) => unknown): void {
    if (!this.#kept.has(thing)) this.#kept.set(thing, this.#tell(thing, tell))
  }

  readonly #row = (nodeRole: NodeRole): Row => rowOf(this.#rest.head, nodeRole, this.#packer)
  readonly #node = (node: NodeRecord): ToldOfNode => toldOfNode(this.#target, node)
  readonly #run = (run: RunRecord): ToldOfRun => ({ ...run, inputs: this.#packer.pack(run.inputs) })
}

/** Copies of what changes; what is only ever replaced is as it is. */
function restOf(world: World): Omit<Shape, Many> {
  const packer = new ListPacker()
  return {
    now: world.now,
    edition: world.language.edition,
    disturbance: world.disturbance,
    disturbedAll: world.disturbedAll,
    disturbed: [...world.disturbed].sort(by(([group]) => group)),
    session: world.session,
    sessionBy: world.sessionBy,
    stays: world.stays,
    only: world.only ?? null,
    stoppedBy: world.stoppedBy ?? null,
    holds: [...world.holds.values()],
    execsStarted: world.execsStarted,
    chosen: world.chosen ?? null,
    head: world.head,
    revisions: [...world.revisions.values()].map((one) => ({ ...one, target: packer.pack(one.target) })),
    lists: packer.lists,
    rinses: [...world.rinses.values()].map(toldOfRinse),
    rinsesAsked: world.rinsesAsked,
    runsStarted: world.runsStarted,
    checksStarted: world.checksStarted,
    rolloutsBegun: world.rolloutsBegun,
    allowed: [...world.allowed].sort(by(([group]) => group)),
    durations: [...world.durations].sort(by(([what]) => what)),
    // Only the last one goes on.
    cycles: world.cycles.map((cycle, i) => (i < world.cycles.length - 1 ? cycle : structuredClone(cycle))),
    lastTouch: world.lastTouch ?? null,
    tokens: [...world.tokens.values()].map((token) => ({ ...token })),
    runners: [...world.runners.values()].map((runner) => structuredClone(runner)),
  }
}

function leavingOf({ leaving }: World): NodeRole[] {
  return [...leaving.values()].flatMap((members) => [...members.values()]).sort(by(({ id }) => id))
}

function toldOfNode(target: Target | undefined, node: NodeRecord): ToldOfNode {
  const { name, spec } = node
  const told: Record<string, unknown> = { name }
  for (const [field, usual] of Object.entries(NEW_NODE)) {
    const value = node[field as keyof typeof NEW_NODE]
    if (value !== usual) told[field] = field === 'facts' ? value : JSON.parse(JSON.stringify(value))
  }
  // A commit since then may have said the same anew.
  const known = target?.nodes[name]
  if (known !== spec && !isSameJson(known as Json | undefined, spec as unknown as Json)) told['spec'] = spec
  return told as ToldOfNode
}

function toldOfRinse({ rinse, by, why, once }: Rinse): Shape['rinses'][number] {
  return why === undefined ? { rinse, by, once } : { rinse, by, why, once }
}

function toldOfExec({ nodes, ...told }: ExecRecord): ToldOfExec {
  return { ...told, nodes: [...nodes].map(([node, outcome]) => [node, outcome ?? null]) }
}

function toldOfRollout({ id, group, since, variants }: Rollout): ToldRollout {
  return {
    id,
    group,
    since,
    variants: variants.map(({ passes, nodes, ...variant }) => ({
      ...variant,
      nodes: [...nodes],
      passes: [...passes].map(([node, pass]) => [node, { ...pass }]),
    })),
  }
}

function by<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)
}
