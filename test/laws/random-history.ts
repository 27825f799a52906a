// Random histories: what people, nodes and runners do to a heart, told without knowing what the heart will have made of
// it by then; `commandFor` finds what each step means when its time has come.
import fc from 'fast-check'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { targetOf } from '../../src/annealer/decide.ts'
import type { NodeRecord, NodeRole, RunRecord, World } from '../../src/annealer/world.ts'
import type { CheckOutcome, Finding } from '../../src/model/drift.ts'
import type { SessionLimit } from '../../src/model/event.ts'
import type { Command } from '../../src/model/command.ts'
import type { Scope } from '../../src/model/scope.ts'
import { NODE_FAULTS, type NodeFault, type NodeFaultCode, type RunOutcome } from '../../src/model/run.ts'
import type { Heart } from '../support/heart.ts'
import { RINSE_SIZES, type RinseSize, rinsedWith } from '../support/rinses.ts'
import { SCOPE_SIZES, scopeAround } from '../support/scopes.ts'
import { changed, shortSite } from '../support/short-site.ts'
import { anyChange } from './random-site.ts'

export type Step =
  | { do: 'contact'; node: string; facts: JsonObject }
  | { do: 'contactAll' }
  | { do: 'lose'; node: string; code: NodeFaultCode }
  | { do: 'disconnect'; node: string }
  | { do: 'finish'; which: number; outcome: RunOutcome }
  | { do: 'finishAll'; value: number }
  | { do: 'reportAgain'; which: number; token: number }
  | { do: 'commit'; change: JsonObject }
  /** What the last commit changed, whether it has come to rest or not. */
  | { do: 'takeBack' }
  | { do: 'retry'; which: number }
  | { do: 'rinse'; which: number; size: RinseSize; once: boolean }
  | { do: 'approve'; which: number; wide: boolean }
  | { do: 'available'; node: string; available: boolean }
  | { do: 'forget'; node: string }
  | { do: 'hold' | 'release'; scope: number; which: number }
  | { do: 'only'; scope: number; which: number }
  | { do: 'cancel'; which: number }
  | { do: 'exec'; nodes: string[] }
  | { do: 'executed'; which: number }
  | { do: 'stop' }
  | { do: 'restart'; stays: boolean; only: SessionLimit | undefined }
  | { do: 'check'; which: number | undefined }
  | { do: 'checked'; which: number; found: number; code: NodeFaultCode | undefined }
  | { do: 'advance'; ms: number }

const node = fc.constantFrom('n1', 'n2', 'n3', 'n4')
const code = fc.constantFrom(...(Object.keys(NODE_FAULTS) as NodeFaultCode[]))
const which = fc.nat(1_000)
const value = fc.nat(2)

const outcome: fc.Arbitrary<RunOutcome> = fc.oneof(
  { weight: 5, arbitrary: value.map((late) => okWith({ late })) },
  { weight: 1, arbitrary: fc.constant(okWith({})) },
  { weight: 2, arbitrary: fc.boolean().map((retry) => failed(retry)) },
  {
    weight: 2,
    arbitrary: code.map((one): RunOutcome => ({ result: 'fault', fault: faultOf(one), durationMs: 9 })),
  },
)

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('contact' as const),
      node,
      facts: fc.record({ a: value, b: value }, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>,
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('contactAll' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), node, code }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disconnect' as const), node }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('finish' as const), which, outcome }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('finishAll' as const), value }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reportAgain' as const), which, token: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('commit' as const), change: anyChange }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('takeBack' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('retry' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('approve' as const), which, wide: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('rinse' as const),
      which,
      size: fc.constantFrom(...RINSE_SIZES),
      once: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('available' as const), node, available: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), node }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('hold' as const, 'release' as const, 'release' as const),
      scope: fc.nat(4),
      which,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('only' as const), scope: fc.nat(3), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('exec' as const), nodes: fc.uniqueArray(node, { minLength: 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('executed' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('restart' as const),
      stays: fc.boolean(),
      only: fc.option(fc.constantFrom('checks' as const, 'repairs' as const), { nil: undefined, freq: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(0, 500, 2_000, 60_000, 1_800_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('check' as const), which: fc.option(which, { nil: undefined }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('checked' as const),
      which,
      found: which,
      code: fc.option(code, { nil: undefined, freq: 5 }),
    }),
  },
)

export interface Play {
  heart: Heart
  short: JsonObject
  /** Before the last commit. */
  before?: JsonObject
}

/** The commands of a step; a commit is proposed here and now, since its number must be known. */
export function commandsFor(play: Play, step: Step): Command[] {
  const { heart } = play
  const { world } = heart
  switch (step.do) {
    case 'contact':
      return [contact(step.node, step.facts)]
    case 'contactAll':
      return [...world.nodes.values()].map(({ name, facts }) => contact(name, facts ?? { a: 1, b: 1 }))
    case 'lose':
      return [
        { kind: 'reportContact', node: step.node, outcome: { result: 'fault', fault: faultOf(step.code) } },
      ]
    case 'disconnect':
      return [{ kind: 'reportConnectionLost', node: step.node }]
    case 'finish': {
      const record = nth([...world.inFlight], step.which)
      return record ? [report(record, outcomeFor(record, step.outcome))] : []
    }
    case 'finishAll':
      return [...world.inFlight].map((record) => report(record, okWith({ late: step.value })))
    case 'reportAgain': {
      const record = nth([...world.runs.values()], step.which)
      if (!record) return []
      const token = record.result === 'running' ? record.token + 1 + step.token : record.token
      return [{ kind: 'reportRun', run: record.run, token, outcome: okWith({}) }]
    }
    case 'commit':
      return commitOf(play, changed(play.short, step.change))
    case 'takeBack':
      return commitOf(play, play.before ?? play.short)
    case 'retry': {
      const nodeRole = nth(sorted([...world.nodeRoles.values()]), step.which)
      return nodeRole ? [{ kind: 'retryNodeRole', nodeRole: nodeRole.id, by: 'ann' }] : []
    }
    case 'rinse': {
      const all = sorted([...world.nodeRoles.values()])
      const one = nth(all, step.which)
      if (!one) return []
      const nodeRoles = rinsedWith(one, all, step.size)
      return [{ kind: 'rinse', nodeRoles, once: step.once, by: 'ann' }]
    }
    case 'approve': {
      const nodeRole = nth(sorted([...world.nodeRoles.values()]), step.which)
      if (!nodeRole) return []
      const { id, deployment, group } = nodeRole
      const scope: Scope = step.wide
        ? { kind: 'group', deployment, role: group.role.name }
        : { kind: 'nodeRole', nodeRole: id }
      return [{ kind: 'approve', scope, by: 'ann' }]
    }
    case 'available':
      return [{ kind: 'setAvailable', node: step.node, available: step.available, by: 'ann' }]
    case 'forget':
      return [{ kind: 'forgetNode', node: step.node, by: 'ann' }]
    case 'hold':
    case 'release': {
      // What is released was held, mostly.
      const held = nth([...world.holds.values()], step.which)?.scope
      const scope = (step.do === 'release' ? held : undefined) ?? scopeOf(world, step)
      return scope ? [{ kind: step.do, scope, by: 'ann' }] : []
    }
    case 'only': {
      const scope = scopeOf(world, step)
      return scope ? [{ kind: 'chooseOnly', only: [scope], by: 'ann' }] : []
    }
    case 'cancel': {
      const under = [...[...world.inFlight].map(({ run }) => run), ...world.rinses.keys()]
      const name = nth(under, step.which)
      if (name === undefined) return []
      if (world.rinses.has(name)) return [{ kind: 'cancelRinse', rinse: name, by: 'ann' }]
      return [{ kind: 'cancelRun', run: name, by: 'ann' }]
    }
    case 'exec':
      return [
        { kind: 'startExec', argv: ['true'], become: false, selection: 'all', nodes: step.nodes, by: 'ann' },
      ]
    case 'executed': {
      const last = [...world.execs.values()].at(-1)
      const open = [...(last?.nodes ?? [])].flatMap(([name, outcome]) => (outcome ? [] : [name]))
      const name = nth(open, step.which)
      if (!last || name === undefined) return []
      const how = { result: 'done', exit: 0, durationMs: 5 } as const
      return [{ kind: 'finishExec', exec: last.exec, node: name, outcome: how }]
    }
    case 'stop':
      return [{ kind: 'stopClaiming', by: 'ann' }]
    case 'restart': {
      const { stays, only } = step
      return [{ kind: 'startSession', by: 'ann', stays, ...(only ? { only } : {}) }]
    }
    case 'check': {
      const nodeRole =
        step.which === undefined ? undefined : nth(sorted([...world.nodeRoles.values()]), step.which)
      return [{ kind: 'askCheck', by: 'ann', ...(nodeRole ? { nodeRoles: [nodeRole.id] } : {}) }]
    }
    case 'checked': {
      const node = nth([...world.checking], step.which)
      if (!node) return []
      const { found, code: fault } = step
      if (fault === undefined) return reportCheck(node, (at) => FOUND[(found >> (2 * at)) % 4])
      return reportCheck(node, () => 'asAsked', { result: 'fault', fault: faultOf(fault), durationMs: 9 })
    }
    case 'advance':
      heart.now += step.ms
      return [{ kind: 'tick' }]
  }
}

function scopeOf(world: World, step: { scope: number; which: number }): Scope | undefined {
  const nodeRole = nth(sorted([...world.nodeRoles.values()]), step.which)
  const size = SCOPE_SIZES[step.scope] ?? 'site'
  return size === 'site' ? { kind: 'site' } : nodeRole && scopeAround(nodeRole, size)
}

export function report({ run, token }: RunRecord, how: RunOutcome): Command {
  return { kind: 'reportRun', run, token, outcome: how }
}

const FOUND = ['asAsked', 'asAsked', 'drifted', 'unknown'] as const

/** What a look at a node gives, by the place of each node-role in it. */
export function reportCheck(
  { name, check }: NodeRecord,
  foundAt: (at: number) => (typeof FOUND)[number] | undefined,
  instead?: CheckOutcome,
): Command[] {
  if (!check) return []
  const findings = Object.keys(check.of).map((nodeRole, at): Finding => {
    const found = foundAt(at)
    if (found === 'unknown') return { nodeRole, found, message: 'it was ended' }
    if (found !== 'drifted') return { nodeRole, found: 'asAsked' }
    return { nodeRole, found, differences: [{ kind: 'check', message: 'it differs', tail: '' }] }
  })
  const outcome = instead ?? { result: 'done', findings, durationMs: 9 }
  return [{ kind: 'reportCheck', check: check.check, token: check.token, node: name, outcome }]
}

export function contact(name: string, facts: JsonObject): Command {
  return { kind: 'reportContact', node: name, outcome: { result: 'reached', facts } }
}

export function okWith(outputs: Record<string, Json>): RunOutcome {
  return { result: 'ok', outputs, filesChanged: [], durationMs: 10 }
}

export function sorted(nodeRoles: NodeRole[]): NodeRole[] {
  return nodeRoles.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** A runner speaks of a connection only where there is one. */
function outcomeFor(record: RunRecord, how: RunOutcome): RunOutcome {
  const atNode = !record.nodeRole.includes('/-/')
  return how.result === 'fault' && !atNode ? failed(true) : how
}

function failed(retry: boolean): RunOutcome {
  return { result: 'failed', exit: 1, message: 'it said no', tail: '', retry, durationMs: 10 }
}

function faultOf(one: NodeFaultCode): NodeFault {
  return { code: one, message: `${one} it was` }
}

function nth<T>(items: readonly T[], index: number): T | undefined {
  return items.length === 0 ? undefined : items[index % items.length]
}

function commitOf(play: Play, short: JsonObject): Command[] {
  const { world } = play.heart
  // A site that is refused is not kept: what follows would be refused with it.
  if (targetOf(world, shortSite(short)).ok) {
    play.before = play.short
    play.short = short
  }
  const revision = Math.max(0, ...world.revisions.keys()) + 1
  const who = { author: 'ann', message: '' }
  return [
    { kind: 'proposeRevision', site: shortSite(short), ...who },
    { kind: 'commitRevision', revision, onto: world.head, ...who },
  ]
}
