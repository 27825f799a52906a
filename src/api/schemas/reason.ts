// Schemas of states, reasons, causes, waits, and of what has no value and why.
import { z } from '@hono/zod-openapi'
import type { Origin, Unbound, ValueLevel } from '../../model/binding.ts'
import { type Cause, type Reason, type State, STATES, type StepHold, type Wait } from '../../model/reason.ts'
import { NODE_FAULTS, type NodeFault, type NodeFaultCode, type RunAction } from '../../model/run.ts'
import type { Scope } from '../../model/scope.ts'
import { schemaOf, maybe } from './json.ts'

const text = z.string()
const texts = z.array(text)
const moment = z.number().openapi({ description: 'Milliseconds since the epoch.' })
const why = maybe(text)

export const StateSchema: z.ZodType<State> = z.enum(STATES).openapi('State')

export const RunActionSchema: z.ZodType<RunAction> = z.enum(['apply', 'check', 'remove']).openapi('RunAction')

const FAULT_CODES = Object.keys(NODE_FAULTS) as [NodeFaultCode, ...NodeFaultCode[]]

export const NodeFaultSchema = schemaOf<NodeFault>()(
  z
    .object({
      code: z.enum(FAULT_CODES),
      message: text,
      advice: maybe(text),
      passing: maybe(z.boolean()),
    })
    .openapi('NodeFault', { description: 'What the world does to us on the way to a node.' }),
)

export const ScopeSchema = schemaOf<Scope>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('site') }),
      z.object({ kind: z.literal('deployment'), deployment: text }),
      z.object({ kind: z.literal('group'), deployment: text, role: text }),
      z.object({ kind: z.literal('node'), node: text }),
      z.object({ kind: z.literal('nodeRole'), nodeRole: text }),
    ])
    .openapi('Scope'),
)

const LEVELS: readonly ValueLevel[] = [
  'role default',
  'package default',
  'parent deployment',
  'deployment',
  'placement',
  'label group',
  'node hint',
  'override',
]

export const ValueLevelSchema: z.ZodType<ValueLevel> = z
  .enum(LEVELS as [ValueLevel, ...ValueLevel[]])
  .openapi('ValueLevel')

export const OriginSchema = schemaOf<Origin>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('level'), level: ValueLevelSchema, where: text }),
      z.object({ kind: z.literal('fact'), node: text, path: texts }),
      z.object({ kind: z.literal('output'), nodeRole: text, output: text, run: text }),
      z.object({
        kind: z.literal('outputs'),
        deployment: text,
        role: text,
        output: text,
        members: z.number(),
        known: z.number(),
      }),
      z.object({ kind: z.literal('expression'), expression: text, reads: texts }),
      z.object({ kind: z.literal('none') }),
    ])
    .openapi('Origin', { description: 'Where a bound value came from.' }),
)

export const UnboundSchema = schemaOf<Unbound>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('noValue') }),
      z.object({ kind: z.literal('factAbsent'), node: text, path: texts }),
      z.object({ kind: z.literal('outputUnknown'), nodeRole: text, output: text }),
      z.object({
        kind: z.literal('outputsUnknown'),
        missing: texts,
        missingCount: z.number(),
        output: text,
        needed: z.number(),
        known: z.number(),
      }),
      z.object({ kind: z.literal('nobodyProvides'), role: text, output: text }),
      z.object({ kind: z.literal('ambiguous'), role: text, output: text, candidates: texts }),
      z.object({ kind: z.literal('expressionFailed'), expression: text, message: text }),
      z.object({ kind: z.literal('inputUnbound'), input: text }),
      z.object({ kind: z.literal('breaksSchema'), message: text, from: OriginSchema }),
    ])
    .openapi('Unbound', { description: 'Why an input has no value now.' }),
)

export const CauseSchema = schemaOf<Cause>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('new') }),
      z.object({ kind: z.literal('inputsChanged'), inputs: texts }),
      z.object({ kind: z.literal('roleChanged') }),
      z.object({ kind: z.literal('asked'), by: text, why }),
      z.object({ kind: z.literal('retry'), after: text }),
      z.object({ kind: z.literal('lost'), run: text }),
      z.object({ kind: z.literal('removal') }),
      z.object({ kind: z.literal('rinse'), rinse: text, by: text, why }),
      z.object({ kind: z.literal('drift'), check: text, what: texts }),
    ])
    .openapi('Cause', { description: 'Why a node-role wants to run.' }),
)

export const StepHoldSchema = schemaOf<StepHold>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('underWay'), nodeRole: text }),
      z.object({
        kind: z.literal('failed'),
        nodeRole: text,
        silent: z.boolean(),
        others: z.number(),
        tolerated: z.number(),
      }),
      z.object({ kind: z.literal('gate'), nodeRole: text, gate: text, found: text }),
      z.object({
        kind: z.literal('dependant'),
        nodeRole: text,
        dependant: text,
        state: StateSchema,
        look: maybe(z.enum(['underWay', 'drifted', 'unknown'])),
      }),
      z.object({ kind: z.literal('soaking'), until: moment }),
      z.object({ kind: z.literal('approval') }),
      z.object({ kind: z.literal('absent'), nodeRole: text, others: z.number() }),
    ])
    .openapi('StepHold', { description: 'What keeps the next step of a rollout closed.' }),
)

const WaitSchema = schemaOf<Wait>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('turn') }),
      z.object({ kind: z.literal('upstream'), nodeRole: text }),
      z.object({ kind: z.literal('lock'), lock: text, capacity: z.number(), holders: texts }),
      z.object({ kind: z.literal('contact'), node: text }),
      z.object({ kind: z.literal('checking'), node: text, check: text }),
      z.object({
        kind: z.literal('backoff'),
        until: moment,
        attempt: z.number(),
        attempts: z.number(),
        message: text,
      }),
      z.object({ kind: z.literal('dependants'), nodeRole: text, others: z.number() }),
      z.object({ kind: z.literal('rival'), nodeRole: text }),
      z.object({ kind: z.literal('rinse'), rinse: text, nodeRole: text, others: z.number() }),
      z.object({ kind: z.literal('approval'), why: text }),
      z.object({ kind: z.literal('stopped'), by: text }),
      z.object({ kind: z.literal('held'), what: ScopeSchema, by: text, why, since: moment }),
      z.object({ kind: z.literal('notChosen'), only: texts, by: text }),
      z.object({
        kind: z.literal('step'),
        rollout: text,
        role: text,
        variant: text,
        step: z.number(),
        of: z.number(),
        hold: StepHoldSchema,
      }),
      z.object({
        kind: z.literal('failures'),
        failed: texts,
        trying: texts,
        most: z.number(),
        variant: text,
      }),
      z.object({ kind: z.literal('window'), until: moment }),
    ])
    .openapi('Wait', { description: 'What something that may run waits for.' }),
)

export const NoRunnerSchema = z.object({
  kind: z.literal('noRunner'),
  node: text,
  needs: z.record(z.string(), text),
  absent: z.array(z.object({ runner: text, is: z.enum(['invited', 'draining', 'away']) })),
})

export const ReasonSchema = schemaOf<Reason>()(
  z
    .discriminatedUnion('kind', [
      z.object({
        kind: z.literal('running'),
        run: text,
        action: RunActionSchema,
        since: moment,
        cause: CauseSchema,
        cancelledBy: maybe(text),
      }),
      z.object({ kind: z.literal('neverReached'), node: text }),
      z.object({ kind: z.literal('notAlive'), node: text, fault: NodeFaultSchema, since: moment }),
      z.object({ kind: z.literal('notAvailable'), node: text, by: text, why }),
      NoRunnerSchema,
      z.object({ kind: z.literal('inputUnbound'), input: text, unbound: UnboundSchema }),
      z.object({ kind: z.literal('requirement'), nodeRole: text, state: StateSchema, others: z.number() }),
      z.object({ kind: z.literal('requirementMissing'), role: text }),
      z.object({
        kind: z.literal('failed'),
        run: text,
        attempts: z.number(),
        message: text,
        tail: text,
        fault: maybe(NodeFaultSchema),
      }),
      z.object({ kind: z.literal('cancelled'), run: text, by: text, why }),
      z.object({ kind: z.literal('unknownResult'), run: text }),
      z.object({
        kind: z.literal('oscillates'),
        nodeRole: text,
        input: text,
        values: texts,
        circle: texts,
      }),
      z.object({ kind: z.literal('current') }),
      z.object({ kind: z.literal('milestone') }),
      z.object({
        kind: z.literal('notRepeatable'),
        output: text,
        runs: z.tuple([text, text]),
        values: texts,
        at: moment,
        alike: z.number(),
      }),
      z.object({ kind: z.literal('stale'), input: text, unbound: UnboundSchema }),
      z.object({ kind: z.literal('restsOnFailed'), nodeRole: text, state: StateSchema }),
      z.object({
        kind: z.literal('drifted'),
        check: text,
        since: moment,
        what: texts,
        policy: z.enum(['repair', 'report', 'off']),
        repairs: z.number(),
      }),
      z.object({ kind: z.literal('waits'), wait: WaitSchema, cause: CauseSchema }),
    ])
    .openapi('Reason', { description: 'Why a node-role is in its state.' }),
)
