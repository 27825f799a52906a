// Schemas of runners elsewhere, and of what they and the server say to each other.
import { z } from '@hono/zod-openapi'
import type { CheckOutcome } from '../../model/drift.ts'
import type { ExecEnd } from '../../model/exec.ts'
import type { ContactOutcome } from '../../model/run.ts'
import type { RunnerView } from '../../model/runner.ts'
import type { LeaseGiven, LogTold, ReportTaken, Told } from '../../model/runner-talk.ts'
import { FindingSchema, RunOutcomeSchema } from './event.ts'
import { JsonObjectSchema, JsonSchema, maybe, Name, NodeName, schemaOf, Why } from './json.ts'
import { NodeFaultSchema } from './reason.ts'

const text = z.string()
const moment = z.number().openapi({ description: 'Milliseconds since the epoch.' })
const by = z.object({ by: text, at: moment, why: maybe(text) })

const Labels = z.record(Name, z.string().min(1).max(200)).openapi({ description: 'Label -> value.' })

export const RunnerSchema = schemaOf<RunnerView>()(
  z
    .object({
      runner: text,
      labels: z.record(z.string(), text),
      state: z.enum(['invited', 'here', 'draining', 'away', 'revoked']),
      invitedBy: text,
      invitedAt: moment,
      inviteEndsAt: maybe(moment),
      enrolledAt: maybe(moment),
      slots: maybe(z.number()),
      version: maybe(text),
      since: maybe(moment),
      why: maybe(text),
      drained: maybe(by),
      revoked: maybe(by),
    })
    .openapi('Runner', { description: 'A process elsewhere that carries out runs.' }),
)

export const RunnersSchema = z.object({ items: z.array(RunnerSchema) }).openapi('Runners')

export const InviteSchema = z
  .strictObject({
    runner: Name,
    labels: Labels,
    endsAt: z.number().int().openapi({ description: 'Until when its token is good.' }),
    why: maybe(Why),
    hash: maybe(z.string().regex(/^[0-9a-f]{64}$/, 'expected SHA-256 in hex')).openapi({
      description: 'Of a token that was made elsewhere; without it one is made here and told once.',
    }),
  })
  .openapi('RunnerInvite')

export const InvitedSchema = z
  .object({
    runner: RunnerSchema,
    token: maybe(text).openapi({ description: 'Good for one enrolment; told once.' }),
  })
  .openapi('InvitedRunner')

export const WhySchema = z.strictObject({ why: maybe(Why) }).openapi('RunnerWhy')

// What a newer runner says besides is left aside, so these are not strict.
const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const word = z.string().min(1).max(500)
const hands = z.array(whole).max(10_000)
const protocol = z.number().int()

export const EnrolSchema = z.object({ token: word, key: word, protocol }).openapi('RunnerEnrolment')
export const EnrolledSchema = z
  .object({ runner: text, labels: z.record(z.string(), text), site: text })
  .openapi('EnrolledRunner')

export const ChallengeSchema = z.object({ runner: Name, protocol }).openapi('RunnerChallengeAsked')
export const ChallengeGivenSchema = z.object({ challenge: text }).openapi('RunnerChallenge')

export const LeaseSchema = z
  .object({
    runner: Name,
    challenge: word,
    signature: word,
    slots: z.number().int().min(1).max(10_000),
    version: word,
    protocol,
  })
  .openapi('RunnerLeaseAsked')

export const LeaseGivenSchema = schemaOf<LeaseGiven>()(
  z.object({ token: text, leaseMs: z.number(), owner: text, protocol }).openapi('RunnerLease'),
)

export const ClaimSchema = z
  .object({ claim: whole, free: z.number().int().min(0).max(10_000), packed: maybe(z.boolean()) })
  .openapi('RunnerClaim')

const Work = JsonSchema.openapi('RunnerWork', {
  description: 'A run, a check, a first contact, a look or a command, as it was ordered.',
})
export const ClaimedSchema = z
  .object({
    roles: maybe(z.array(JsonSchema)).openapi({
      description: 'Asked for packed: each role once, and in `work` its place in here.',
    }),
    handed: z.array(z.object({ hand: z.number(), work: Work })),
    end: z.array(z.number()),
  })
  .openapi('RunnerClaimed')

export const BeatSchema = z.object({ holds: hands, leaving: z.boolean() }).openapi('RunnerBeat')
export const WordSchema = z.object({ end: z.array(z.number()) }).openapi('RunnerWord')

const CheckOutcomeSchema = schemaOf<CheckOutcome>()(
  z.discriminatedUnion('result', [
    z.object({
      result: z.literal('done'),
      findings: z.array(FindingSchema).max(10_000),
      durationMs: z.number(),
    }),
    z.object({ result: z.literal('fault'), fault: NodeFaultSchema, durationMs: z.number() }),
  ]),
)

const ContactOutcomeSchema = schemaOf<ContactOutcome>()(
  z.discriminatedUnion('result', [
    z.object({
      result: z.literal('reached'),
      facts: JsonObjectSchema,
      durationMs: maybe(z.number().nonnegative()),
    }),
    z.object({ result: z.literal('fault'), fault: NodeFaultSchema }),
  ]),
)

const ExecEndSchema = schemaOf<ExecEnd>()(
  z.discriminatedUnion('result', [
    z.object({ result: z.literal('done'), exit: z.number().int(), durationMs: z.number() }),
    z.object({ result: z.literal('fault'), fault: NodeFaultSchema, durationMs: z.number() }),
  ]),
)

const stream = maybe(z.enum(['stdout', 'stderr']))

const ToldSchema = schemaOf<Told>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('run'), hand: whole, outcome: RunOutcomeSchema }),
      z.object({ kind: z.literal('check'), hand: whole, outcome: CheckOutcomeSchema }),
      z.object({ kind: z.literal('contact'), hand: whole, outcome: ContactOutcomeSchema }),
      z.object({ kind: z.literal('look'), hand: whole, outcome: CheckOutcomeSchema }),
      z.object({ kind: z.literal('exec'), hand: whole, outcome: ExecEndSchema }),
    ])
    .openapi('RunnerTold'),
)

const LogToldSchema = schemaOf<LogTold>()(
  z
    .object({
      hand: whole,
      from: whole,
      pieces: z.array(z.union([z.object({ text, stream }), z.object({ base64: text, stream })])).max(20_000),
    })
    .openapi('RunnerLog', {
      description:
        'Pieces of the log of one run, or with `stream` of what one command prints; `from` is the number of the first.',
    }),
)

export const ReportSchema = z
  .object({
    logs: maybe(z.array(LogToldSchema).max(10_000)),
    told: z.array(ToldSchema).max(10_000),
    lost: z.array(NodeName).max(10_000),
  })
  .openapi('RunnerReport')

export const TakenSchema = schemaOf<ReportTaken>()(
  z
    .object({
      taken: z.array(z.number()),
      refused: z.array(z.number()),
      unlogged: maybe(z.array(z.number())),
    })
    .openapi('RunnerReportTaken'),
)
