// The shape of a snapshot: what events told of a world, as JSON.
import type { Json } from '../base/json.ts'
import type { ExecOutcome } from '../model/exec.ts'
import type { Scope } from '../model/scope.ts'
import type { CycleRecord } from './cycles.ts'
import type { Measured } from './expected.ts'
import type { Packed } from './packing.ts'
import type { Pass, Rollout, RolloutVariant } from './rollout.ts'
import type { Row } from './snapshot-rows.ts'
import type { PackedTarget } from './shared-lists.ts'
import type { Block } from './unread.ts'
import type {
  ExecRecord,
  Hold,
  NodeRecord,
  Rinse,
  RunnerRecord,
  RunRecord,
  RevisionRecord,
  TokenRecord,
  World,
} from './world.ts'

/** Goes up when the shape below changes; older snapshots are then left aside and the journal is replayed. */
export const SNAPSHOT_VERSION = 20

export interface Shape {
  now: number
  /** The edition of the language by which all was bound; absent in those of old. */
  edition?: string
  disturbance: number
  disturbedAll: number
  disturbed: [string, number][]
  session: number
  sessionBy: string
  stays: boolean
  only: World['only'] | null
  stoppedBy: string | null
  holds: Hold[]
  execs: ToldOfExec[]
  execsStarted: number
  chosen: { only: Scope[]; by: string } | null
  head: number
  revisions: ToldOfRevision[]
  /** Of nodes, to which targets refer. */
  lists: string[][]
  nodes: ToldOfNode[]
  /** By group, in the order of its members. */
  rows: Record<string, Block[]>
  /** By group, with their places: rows that tell something else than a success, or nothing. */
  apart: Record<string, [place: number, row: Row][]>
  leaving: [id: string, revision: number, row: Row][]
  rinses: Omit<Rinse, 'members' | 'toRemove' | 'first'>[]
  rinsesAsked: number
  runsStarted: number
  checksStarted: number
  runs: ToldOfRun[]
  /** What the inputs of node-roles and runs refer to. */
  large: Json[]
  rollouts: ToldRollout[]
  rolloutsBegun: number
  allowed: [string, string][]
  durations: [string, Measured][]
  cycles: CycleRecord[]
  lastTouch: World['lastTouch'] | null
  tokens: TokenRecord[]
  runners: RunnerRecord[]
}

export type ToldOfRevision = Omit<RevisionRecord, 'target'> & { target: PackedTarget }
export type ToldOfExec = Omit<ExecRecord, 'nodes'> & { nodes: [string, ExecOutcome | null][] }
export type ToldRollout = Omit<Rollout, 'variants' | 'where'> & {
  variants: (Omit<RolloutVariant, 'passes'> & { passes: [string, Pass][] })[]
}

/** Without what is as of a new one, and the spec where it is that of the target. */
export type ToldOfNode = { name: string } & Partial<
  Omit<NodeRecord, 'nodeRoles' | 'checkAt' | 'lock' | 'kind'>
>
export type ToldOfRun = Omit<RunRecord, 'inputs'> & { inputs: Packed }
