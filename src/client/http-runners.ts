// Runners of a served site, over HTTP.
import { answer, refuse } from '../model/refusal.ts'
import type { RunnerOperations, RunnerView } from '../model/runner.ts'
import { type Connection, jsonInit, request, searchOf } from './request.ts'

const API = '/api/v1/runners'

export function httpRunners(connection: Connection): RunnerOperations {
  const at = (runner: string): string => `${API}/${encodeURIComponent(runner)}`
  return {
    async list() {
      const found = await request<{ items: RunnerView[] }>(connection, API)
      return found.ok ? answer(found.value.items) : found
    },
    async invite({ by: _by, ...asked }) {
      const invited = await request<{ runner: RunnerView }>(connection, API, jsonInit('POST', asked))
      return invited.ok ? answer(invited.value.runner) : invited
    },
    // Runners do that themselves, over a way of their own.
    enrol: () => Promise.resolve(refuse({ code: 'notServed', message: 'a runner enrols by itself' })),
    drain: (runner, _by, why) =>
      request(connection, `${at(runner)}/drain`, jsonInit('POST', why === undefined ? {} : { why })),
    resume: (runner, _by, why) =>
      request(connection, `${at(runner)}/resume`, jsonInit('POST', why === undefined ? {} : { why })),
    revoke: (runner, _by, why) =>
      request(connection, `${at(runner)}?${searchOf({ why })}`, { method: 'DELETE' }),
  }
}
