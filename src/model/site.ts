// A site as its files say it, and a target: the same with every expression over nodes answered, as a revision keeps it.
import type { CalendarWindow } from '../base/calendar.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { DriftSpec } from './drift.ts'
import type { Role } from './role.ts'
import type { RunnerLabels } from './runner.ts'

export interface Site {
  name: string
  nodes: Record<string, NodeSpec>
  deployments: Record<string, DeploymentSpec>
  roles: Record<string, Role>
  /** Package defaults: package -> role -> input -> value. */
  defaults: Record<string, Values>
  policies?: Partial<Policies>
}

/** What is done about changes that nobody asked for: left on the timeline for somebody to commit, or committed. */
export interface Policies {
  newNode: 'propose' | 'commit'
  /** Not alive for `lostAfterMs`; `wait`: it keeps all that it carries until it is back. */
  lostNode: 'propose' | 'commit' | 'wait'
  changedFacts: 'propose' | 'commit'
  /** Of the site as a whole; read while an engine stays. */
  changedFiles: 'propose' | 'commit'
  lostAfterMs: number
  /** Who proposed a revision that touches it cannot commit it. */
  fourEyes: boolean
}

/** role -> input -> value. */
export type Values = Record<string, Record<string, Json>>

export interface NodeSpec {
  transport: TransportSpec
  labels: JsonObject
  hints: Values
  /** The operator's wish. */
  available: boolean
  /** Reached by a runner elsewhere that has these labels (by any, where there is none), and not by the server. */
  runner?: RunnerLabels
}

export type TransportSpec =
  | {
      kind: 'ssh'
      /** Name or address as OpenSSH takes it; `~/.ssh/config` is in force. */
      host: string
      user?: string
      port?: number
      /** An ssh_config file to use instead of the user's (`ssh -F`). */
      config?: string
      /** Further `-o` options, `Name` -> value. */
      options?: Record<string, string>
    }
  | { kind: 'local' }

export interface DeploymentSpec {
  parent?: string
  /** A CEL expression over `node` (`name`, `labels`, `facts`), or a list of names. */
  nodes: NodeSelection
  /** The file names no nodes for it: its members are those of its parent. */
  inheritsNodes?: true
  /** Not all that are selected are members. */
  choice?: Choice
  values: Values
  groups: LabelGroup[]
  /** `node/role` -> input -> value. */
  overrides: Values
  placements: PlacementSpec[]
  policies?: Partial<Policies>
  /** Existing machines whose `check` passes are taken in without a change. */
  adopt: boolean
  /** Work starts only in one of these; none given: at any time. */
  windows?: CalendarWindow[]
  drift?: DriftSpec
}

export type NodeSelection = { names: string[] } | { expression: string }

/** So many of the nodes that are selected, and which of them rather than others. Who was chosen stays chosen. */
export interface Choice {
  count: number
  /** CEL over `node`; the first that tells two nodes apart decides: the larger number, and true before false. */
  prefer: string[]
  /** CEL over `node`: on as many of its values as there are. */
  spread?: string
}

export interface LabelGroup {
  nodes: NodeSelection
  values: Values
}

export interface PlacementSpec {
  role: string
  /** Narrows the deployment's own nodes. */
  nodes?: NodeSelection
  choice?: Choice
  values: Record<string, Json>
  rollout?: RolloutSpec
  /** A role revision that fails on this many nodes goes no further. */
  maxFailures?: number
  /** Instead of those of the deployment. */
  windows?: CalendarWindow[]
  drift?: DriftSpec
}

/** A share of a variant (`50%`), or a number of nodes (`3`). */
export type Share = string

export interface RolloutSpec {
  /** Nodes per variant that go first. */
  probe: number
  /** The steps after that: until this share of the variant has the change, or so many more. The rest goes last. */
  then: Share[]
  /** CEL over what a member is and said (`outputs`, `inputs`, `node`, `deployment`): true for each that has the change. */
  gate?: string
  /** So many of a variant may fail without holding it. */
  tolerate?: Share
  /** What rests on a changed member, on its node, must be active too, and pass its check. */
  dependants?: boolean
  /** How long a step is watched before the next one. */
  soakMs?: number
  /** A person gives the word for each step after the probe. */
  approve?: boolean
  /** CEL over `node`: what makes variants, instead of the facts that the role reads. */
  variants?: string[]
}

export interface Target {
  site: string
  nodes: Record<string, NodeSpec>
  deployments: Record<string, DeploymentTarget>
  roles: Record<string, Role>
  defaults: Record<string, Values>
  /** Nodes whose facts have a say in who is placed where, and are not known: these are looked at, whatever is on them. */
  undecided?: string[]
  /** Of the site itself: what belongs to no deployment. */
  fourEyes?: true
}

export interface DeploymentTarget {
  parent?: string
  members: string[]
  /** How many members were asked for, where not all that are selected are meant. */
  count?: number
  values: Values
  groups: { members: string[]; values: Values }[]
  overrides: Values
  placements: PlacementTarget[]
  adopt: boolean
  windows?: CalendarWindow[]
  drift?: DriftSpec
  /** Who proposed a revision that touches it cannot commit it. */
  fourEyes?: true
}

export interface PlacementTarget {
  role: string
  members: string[]
  /** How many nodes were asked for, where not all that are selected are meant. */
  count?: number
  values: Record<string, Json>
  rollout?: RolloutSpec
  maxFailures?: number
  windows?: CalendarWindow[]
  drift?: DriftSpec
  /** The role that required it, when no operator placed it. */
  broughtInBy?: string
}
