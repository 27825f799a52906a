// Routes: runners elsewhere, as operators see them: let in, drained, let work again, revoked.
import { answer } from '../../model/refusal.ts'
import { makeEnrolment } from '../access/credentials.ts'
import { jsonRoute, type Route } from '../route.ts'
import { Name, Why } from '../schemas/json.ts'
import { InvitedSchema, InviteSchema, RunnerSchema, RunnersSchema, WhySchema } from '../schemas/runner.ts'

const listRoute = jsonRoute({
  method: 'GET',
  path: '/api/v1/runners',
  topic: 'runners',
  summary: 'Runners elsewhere: their labels, and whether they are here',
  answer: RunnersSchema,
  async handle({ serving }) {
    const runners = await serving.operations.runners.list()
    return runners.ok ? answer({ items: runners.value }) : runners
  },
})

const inviteRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/runners',
  topic: 'runners',
  summary: 'Lets a runner enrol once; the token for it is told once',
  body: InviteSchema,
  answer: InvitedSchema,
  tellsSecret: true,
  status: 201,
  async handle({ serving, caller, body: { hash: given, ...request } }) {
    const { hash, text } =
      given === undefined ? makeEnrolment(request.runner) : { hash: given, text: undefined }
    const invited = await serving.operations.runners.invite({ ...request, hash, by: caller.name })
    if (!invited.ok) return invited
    return answer({ runner: invited.value, ...(text === undefined ? {} : { token: text }) })
  },
})

const drainRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/runners/{runner}/drain',
  topic: 'runners',
  summary: 'It takes nothing new; what it holds it brings to its end',
  params: { runner: Name },
  body: WhySchema,
  answer: RunnerSchema,
  handle: ({ serving, caller, params, body }) =>
    serving.operations.runners.drain(params.runner, caller.name, body.why),
})

const resumeRoute = jsonRoute({
  method: 'POST',
  path: '/api/v1/runners/{runner}/resume',
  topic: 'runners',
  summary: 'It takes work again',
  params: { runner: Name },
  body: WhySchema,
  answer: RunnerSchema,
  handle: ({ serving, caller, params, body }) =>
    serving.operations.runners.resume(params.runner, caller.name, body.why),
})

const revokeRoute = jsonRoute({
  method: 'DELETE',
  path: '/api/v1/runners/{runner}',
  topic: 'runners',
  summary: 'Revokes its identity: what it holds is taken from it, and it comes back only with a new token',
  params: { runner: Name },
  query: { why: Why.optional() },
  answer: RunnerSchema,
  handle: ({ serving, caller, params, query }) =>
    serving.operations.runners.revoke(params.runner, caller.name, query.why),
})

export const RUNNERS_ROUTES: readonly Route[] = [listRoute, inviteRoute, drainRoute, resumeRoute, revokeRoute]
