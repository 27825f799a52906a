// Routes: what runners elsewhere ask: to enrol, for a lease, for work, to be heard; each bound to the runner that shows its token.
import { z } from '@hono/zod-openapi'
import { digestOfBytes } from '../../base/digest.ts'
import { type Answer, answer, type Refusal, refuse } from '../../model/refusal.ts'
import { packClaim } from '../../model/packed-claim.ts'
import { enrolmentName, isUnderstood, RUNNER_PROTOCOL, signedText } from '../../model/runner-talk.ts'
import { makeLease } from '../access/credentials.ts'
import { principalOf } from '../access/principal.ts'
import type { Caller } from '../caller.ts'
import { notHere } from '../elsewhere.ts'
import { jsonRoute, rawRoute, type Route } from '../route.ts'
import { Digest } from '../schemas/json.ts'
import {
  BeatSchema,
  ChallengeGivenSchema,
  ChallengeSchema,
  ClaimedSchema,
  ClaimSchema,
  EnrolledSchema,
  EnrolSchema,
  LeaseGivenSchema,
  LeaseSchema,
  ReportSchema,
  TakenSchema,
  WordSchema,
} from '../schemas/runner.ts'

const WORK = '/api/v1/work'
/** What is told at once may hold the outputs and findings of many. */
const REPORT_MOST = 32 * 1024 * 1024
/** Whoever waits for work is answered by then, with or without some. */
const WAIT_MS = 20_000

const enrolRoute = jsonRoute({
  method: 'POST',
  path: `${WORK}/enrolments`,
  topic: 'work',
  summary:
    'A runner shows its one-time token and the public key of its identity; the token is good for nothing after that',
  body: EnrolSchema,
  answer: EnrolledSchema,
  status: 201,
  async handle({ serving, elsewhere, body: { token, key, protocol } }) {
    const runner = enrolmentName(token)
    if (!elsewhere?.desk.leads()) return notHere()
    if (!isUnderstood(protocol)) return refuse(otherProtocol(protocol))
    if (runner === undefined || !elsewhere.keys.isPublicKey(key))
      return refuse(notKnown('this is no enrolment'))
    const enrolled = await serving.operations.runners.enrol(runner, digestOfBytes(token), key)
    if (!enrolled.ok) return refuse(notKnown('this enrolment token was used, is over, or never was'))
    // Whoever held a lease by the old key has none any more.
    elsewhere.desk.lose(runner, 'it enrolled anew')
    return serving.ask((world) =>
      answer({
        runner,
        labels: { ...world.runners.get(runner)?.labels },
        site: world.target?.site ?? '',
      }),
    )
  },
})

const challengeRoute = jsonRoute({
  method: 'POST',
  path: `${WORK}/challenges`,
  topic: 'work',
  summary: 'Something to sign, once and soon',
  body: ChallengeSchema,
  answer: ChallengeGivenSchema,
  handle({ elsewhere, body: { runner, protocol } }) {
    if (!elsewhere?.desk.leads()) return notHere()
    if (!isUnderstood(protocol)) return refuse(otherProtocol(protocol))
    return answer({ challenge: elsewhere.challenges.make(runner, performance.now()) })
  },
})

const leaseRoute = jsonRoute({
  method: 'POST',
  path: `${WORK}/leases`,
  topic: 'work',
  summary: 'A runner shows by its signature who it is, and works from then on for as long as it is heard',
  body: LeaseSchema,
  answer: LeaseGivenSchema,
  status: 201,
  async handle({ serving, elsewhere, body }) {
    const { runner, challenge, signature, slots, version, protocol } = body
    if (!elsewhere?.desk.leads()) return notHere()
    if (!isUnderstood(protocol)) return refuse(otherProtocol(protocol))
    const isFresh = elsewhere.challenges.take(challenge, runner, performance.now())
    const known = await serving.ask((world) => {
      const record = world.runners.get(runner)
      return record && { ...record }
    })
    const isIt =
      isFresh &&
      known?.key !== undefined &&
      elsewhere.keys.isSigned(signedText(runner, challenge), signature, known.key)
    if (!isIt) return refuse(notKnown('this is the signature of no runner that is known here'))
    if (known.revoked) return refuse(notKnown(`the runner ${runner} is revoked`))
    if (serving.isDraining()) return refuse({ code: 'draining', message: 'this server is ending' })
    const { text, hash } = makeLease(runner)
    const { labels } = known
    const draining = known.drained !== undefined
    elsewhere.desk.begin({ runner, labels, slots, version, protocol, draining, key: hash })
    const { leaseMs, owner } = elsewhere
    return answer({ token: text, leaseMs, owner, protocol: RUNNER_PROTOCOL })
  },
})

const claimRoute = jsonRoute({
  method: 'POST',
  path: `${WORK}/claims`,
  topic: 'work',
  summary: 'Asks for work, and waits for some; asked again with the same number it is told the same',
  body: ClaimSchema,
  answer: ClaimedSchema,
  async handle({ elsewhere, caller, body, signal }) {
    if (!elsewhere?.desk.leads()) return notHere()
    const waiting = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)])
    const claimed = await elsewhere.desk.claim(runnerOf(caller), body, waiting)
    const told = claimed.ok && body.packed ? answer(packClaim(claimed.value)) : claimed
    return told as Answer<z.output<typeof ClaimedSchema>>
  },
})

const beatRoute = jsonRoute({
  method: 'POST',
  path: `${WORK}/beats`,
  topic: 'work',
  summary: 'A sign of life; the answer says what is to end',
  body: BeatSchema,
  answer: WordSchema,
  handle: ({ elsewhere, caller, body }) =>
    elsewhere?.desk.leads() ? elsewhere.desk.beat(runnerOf(caller), body) : notHere(),
})

const reportRoute = jsonRoute({
  method: 'POST',
  path: `${WORK}/reports`,
  topic: 'work',
  summary:
    'Logs and output of what the runner holds, and what came of it; told again, it is heard again and counts once',
  body: ReportSchema,
  mostBytes: REPORT_MOST,
  answer: TakenSchema,
  handle: ({ elsewhere, caller, body }) =>
    elsewhere?.desk.leads() ? elsewhere.desk.report(runnerOf(caller), body) : notHere(),
})

const contentRoute = rawRoute({
  method: 'GET',
  path: `${WORK}/content/{digest}`,
  topic: 'work',
  summary: 'A script or template that work which the runner holds refers to',
  params: { digest: Digest },
  media: ['application/octet-stream'],
  async raw({ serving, elsewhere, caller, params: { digest } }, { outgoing }) {
    if (!elsewhere?.desk.leads()) return notHere()
    const bytes = await elsewhere.desk.content(runnerOf(caller), digest, (one) => serving.blob(one))
    if (!bytes)
      return refuse({ code: 'nothingThere', message: 'nothing that this runner holds refers to it' })
    outgoing.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length })
    outgoing.end(bytes)
    return answer(undefined)
  },
})

const leaveRoute = jsonRoute({
  method: 'DELETE',
  path: `${WORK}/leases`,
  topic: 'work',
  summary: 'The runner goes; what it still holds is not known from then on',
  answer: WordSchema,
  handle({ elsewhere, caller }) {
    elsewhere?.desk.lose(runnerOf(caller), 'it ended')
    return answer({ end: [] })
  },
})

export const WORK_ROUTES: readonly Route[] = [
  enrolRoute,
  challengeRoute,
  leaseRoute,
  claimRoute,
  beatRoute,
  reportRoute,
  contentRoute,
  leaveRoute,
]

/** Only they are let in here. */
function runnerOf(caller: Caller): string {
  const { via } = principalOf(caller)
  return via?.kind === 'runner' ? via.runner : ''
}

function notKnown(message: string): Refusal {
  return { code: 'unauthenticated', message }
}

function otherProtocol(theirs: number): Refusal {
  const message = `this server speaks protocol ${RUNNER_PROTOCOL} with runners and the one before and after it, and this runner ${theirs}`
  return { code: 'otherProtocol', message, speaks: RUNNER_PROTOCOL }
}
