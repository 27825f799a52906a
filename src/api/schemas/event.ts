// Schemas of events as doors show them; one per kind, held complete by the compiler.
import { z } from '@hono/zod-openapi'
import type { CycleCause } from '../../model/cycle.ts'
import type { Difference, Finding } from '../../model/drift.ts'
import type { PublicEvent, PublicRecorded } from '../../model/event.ts'
import type { ExecOutcome } from '../../model/exec.ts'
import type { RunOutcome } from '../../model/run.ts'
import { FILE_ASPECTS } from '../../model/work.ts'
import { JsonObjectSchema, JsonSchema, schemaOf, maybe } from './json.ts'
import { CauseSchema, NodeFaultSchema, OriginSchema, RunActionSchema, ScopeSchema } from './reason.ts'
import { auditNoteShape, GrantSchema } from './access.ts'
import { RevisionCauseSchema } from './revision.ts'

const text = z.string()
const texts = z.array(text)
const number = z.number()
const why = maybe(text)

export const DifferenceSchema = schemaOf<Difference>()(
  z
    .discriminatedUnion('kind', [
      z.object({
        kind: z.literal('file'),
        path: text,
        differs: z.array(z.enum(FILE_ASPECTS)),
        rights: maybe(z.object({ wanted: text, found: text })),
        diff: maybe(text),
        untold: maybe(z.enum(['binary', 'large', 'link', 'unreadable'])),
      }),
      z.object({ kind: z.literal('check'), message: text, tail: text }),
    ])
    .openapi('Difference'),
)

export const FindingSchema = schemaOf<Finding>()(
  z
    .discriminatedUnion('found', [
      z.object({ nodeRole: text, found: z.literal('asAsked') }),
      z.object({ nodeRole: text, found: z.literal('drifted'), differences: z.array(DifferenceSchema) }),
      z.object({
        nodeRole: text,
        found: z.literal('unknown'),
        message: text,
        fault: maybe(NodeFaultSchema),
      }),
    ])
    .openapi('Finding', { description: 'What a check says of one node-role.' }),
)

export const ExecOutcomeSchema = schemaOf<ExecOutcome>()(
  z
    .discriminatedUnion('result', [
      z.object({ result: z.literal('done'), exit: number, durationMs: number }),
      z.object({ result: z.literal('fault'), fault: NodeFaultSchema, durationMs: number }),
      z.object({ result: z.literal('lost') }),
    ])
    .openapi('ExecOutcome'),
)

export const RunOutcomeSchema = schemaOf<RunOutcome>()(
  z
    .discriminatedUnion('result', [
      z.object({
        result: z.literal('ok'),
        changed: maybe(z.boolean()),
        outputs: JsonObjectSchema,
        filesChanged: texts,
        durationMs: number,
      }),
      z.object({
        result: z.literal('failed'),
        exit: maybe(number),
        message: text,
        tail: text,
        retry: z.boolean(),
        durationMs: number,
      }),
      z.object({ result: z.literal('fault'), fault: NodeFaultSchema, durationMs: number }),
    ])
    .openapi('RunOutcome'),
)

export const CycleCauseSchema = schemaOf<CycleCause>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('commit'), revision: number, by: text }),
      z.object({ kind: z.literal('asked'), nodeRole: text, by: text, why }),
      z.object({ kind: z.literal('rinse'), first: text, others: number, by: text, why }),
      z.object({ kind: z.literal('rinseCancelled'), rinse: text, by: text, why }),
      z.object({ kind: z.literal('released'), scope: ScopeSchema, by: text, why }),
      z.object({ kind: z.literal('approved'), group: text, by: text, why }),
      z.object({ kind: z.literal('availability'), node: text, available: z.boolean(), by: text, why }),
      z.object({ kind: z.literal('forgotten'), node: text, by: text }),
      z.object({ kind: z.literal('facts'), node: text }),
      z.object({ kind: z.literal('nodeReturned'), node: text }),
      z.object({ kind: z.literal('nodeLost'), node: text }),
      z.object({ kind: z.literal('drift'), nodeRole: text, others: number }),
      z.object({ kind: z.literal('session'), by: text }),
      z.object({ kind: z.literal('time') }),
      z.object({ kind: z.literal('elsewhere') }),
    ])
    .openapi('CycleCause', { description: 'What disturbed the rest.' }),
)

export const CycleResultSchema = z.enum(['ready', 'problems', 'waits', 'stopped']).openapi('CycleResult')

const EventUnion = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sessionStarted'),
    session: number,
    by: text,
    stays: maybe(z.literal(true)),
    only: maybe(z.enum(['checks', 'repairs'])),
  }),
  z.object({
    kind: z.literal('revisionProposed'),
    revision: number,
    onto: number,
    author: text,
    message: text,
    cause: maybe(RevisionCauseSchema),
  }),
  z.object({ kind: z.literal('revisionCommitted'), revision: number, author: text, message: text }),
  z.object({ kind: z.literal('revisionDiscarded'), revision: number, author: text }),
  z.object({ kind: z.literal('factsChanged'), node: text, facts: JsonObjectSchema }),
  z.object({ kind: z.literal('nodeReached'), node: text, durationMs: maybe(number) }),
  z.object({ kind: z.literal('nodeLost'), node: text, fault: NodeFaultSchema, tries: number }),
  z.object({ kind: z.literal('connectionLost'), node: text }),
  z.object({
    kind: z.literal('runStarted'),
    run: text,
    token: number,
    nodeRole: text,
    action: RunActionSchema,
    digest: text,
    inputs: z.record(text, JsonSchema),
    origins: z.record(text, OriginSchema),
    cause: CauseSchema,
    attempt: number,
    sensitive: maybe(texts),
  }),
  z.object({
    kind: z.literal('runFinished'),
    run: text,
    nodeRole: text,
    outcome: RunOutcomeSchema,
    sensitive: maybe(texts),
  }),
  z.object({ kind: z.literal('runLost'), run: text, nodeRole: text, why: text }),
  z.object({ kind: z.literal('nodeRoleRemoved'), nodeRole: text }),
  z.object({
    kind: z.literal('rinseAsked'),
    rinse: text,
    nodeRoles: texts,
    once: z.boolean(),
    by: text,
    why,
  }),
  z.object({ kind: z.literal('rinseCancelled'), rinse: text, by: text, why }),
  z.object({ kind: z.literal('nodeRoleRinsed'), nodeRole: text }),
  z.object({
    kind: z.literal('rerunAsked'),
    nodeRole: text,
    by: text,
    why,
    approved: maybe(z.boolean()),
  }),
  z.object({ kind: z.literal('checkAsked'), by: text, nodeRoles: maybe(texts) }),
  z.object({ kind: z.literal('checkStarted'), check: text, token: number, node: text, nodeRoles: texts }),
  z.object({
    kind: z.literal('checkFinished'),
    check: text,
    node: text,
    findings: z.array(FindingSchema),
    durationMs: number,
  }),
  z.object({ kind: z.literal('checkLost'), check: text, node: text, why: text }),
  z.object({ kind: z.literal('availabilityChanged'), node: text, available: z.boolean(), by: text, why }),
  z.object({ kind: z.literal('nodeForgotten'), node: text, by: text }),
  z.object({ kind: z.literal('held'), scope: ScopeSchema, by: text, why }),
  z.object({ kind: z.literal('released'), scope: ScopeSchema, by: text, why }),
  z.object({ kind: z.literal('onlyChosen'), only: z.array(ScopeSchema), by: text }),
  z.object({ kind: z.literal('runCancelAsked'), run: text, nodeRole: text, by: text, why }),
  z.object({
    kind: z.literal('execStarted'),
    exec: text,
    argv: texts,
    become: z.boolean(),
    selection: text,
    nodes: texts,
    by: text,
    why,
  }),
  z.object({ kind: z.literal('execFinished'), exec: text, node: text, outcome: ExecOutcomeSchema }),
  z.object({ kind: z.literal('claimingStopped'), by: text }),
  z.object({
    kind: z.literal('cycleBegan'),
    cycle: number,
    cause: CycleCauseSchema,
    touches: number,
    facts: number,
    temperature: number,
  }),
  z.object({ kind: z.literal('temperatureChanged'), temperature: number }),
  z.object({ kind: z.literal('cycleEnded'), cycle: number, result: CycleResultSchema, temperature: number }),
  z.object({
    kind: z.literal('rolloutPlanned'),
    rollout: text,
    group: text,
    variants: z.array(z.object({ variant: text, nodes: texts })),
  }),
  z.object({ kind: z.literal('stepOpened'), rollout: text, group: text, variant: text, nodes: texts }),
  z.object({ kind: z.literal('stepApproved'), rollout: text, group: text, variant: text, by: text, why }),
  z.object({ kind: z.literal('failuresAllowed'), group: text, roleDigest: text, by: text, why }),
  z.object({ kind: z.literal('rolloutEnded'), rollout: text, group: text }),
  z.object({
    kind: z.literal('tokenIssued'),
    token: text,
    grants: z.array(GrantSchema),
    expiresAt: maybe(number),
    by: text,
    why,
  }),
  z.object({ kind: z.literal('tokenUsed'), token: text }),
  z.object({ kind: z.literal('tokenRevoked'), token: text, by: text, why }),
  z.object({
    kind: z.literal('runnerInvited'),
    runner: text,
    labels: z.record(z.string(), text),
    endsAt: number,
    by: text,
    why,
  }),
  z.object({ kind: z.literal('runnerEnrolled'), runner: text, key: text }),
  z.object({ kind: z.literal('runnerArrived'), runner: text, slots: number, version: text }),
  z.object({ kind: z.literal('runnerLeft'), runner: text, why: text }),
  z.object({ kind: z.literal('runnerDrained'), runner: text, by: text, why }),
  z.object({ kind: z.literal('runnerResumed'), runner: text, by: text, why }),
  z.object({ kind: z.literal('runnerRevoked'), runner: text, by: text, why }),
  z.object({ kind: z.literal('requestAudited'), ...auditNoteShape }),
])

export const EventSchema = schemaOf<PublicEvent>()(EventUnion.openapi('Event'))

/** All kinds, in the order of the schema. */
export const EVENT_KINDS: readonly string[] = EventUnion.options.map(({ shape }) => shape.kind.value)

export const RecordedSchema = schemaOf<PublicRecorded>()(
  z.object({ seq: number.int(), at: number, event: EventSchema }).openapi('RecordedEvent'),
)
