// Operations over HTTP: what a door can ask of a site whose engine lives in a server, the same as in this process.
import type { CycleTrend, CycleView } from '../model/cycle.ts'
import type { ExecView } from '../model/exec.ts'
import type { Operations } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { WhyView } from '../model/view.ts'
import { acting } from './acting.ts'
import { httpAccess } from './http-access.ts'
import { httpRunners } from './http-runners.ts'
import { listOf } from './list-of.ts'
import { proposing } from './proposing.ts'
import { bytesAt, type Connection, jsonInit, request, searchOf } from './request.ts'
import { statusOf } from './status-of.ts'

const API = '/api/v1'

export function httpOperations(connection: Connection): Operations {
  const get = <T>(path: string): Promise<Answer<T>> => request<T>(connection, API + path)
  const list = <T>(path: string, most?: number): Promise<Answer<T[]>> =>
    listOf<T>(connection, API + path, most)

  return {
    server: connection.url,
    status: (most) => statusOf(connection, most),
    statusAt: (moment, most) => statusOf(connection, most, moment),
    why: (nodeRole, input) => get(`/why?${searchOf({ nodeRole, input })}`),
    async files(nodeRole, clear) {
      const found = await get<WhyView>(`/why?${searchOf({ nodeRole })}`)
      if (!found.ok) return found
      const path = `${API}/node-roles/${found.value.nodeRole.id}/files`
      return request(connection, path, clear ? jsonInit('POST', {}) : {})
    },
    trace: (meant, whole) => get(`/trace?${searchOf({ word: meant, ...(whole ? { whole: 'true' } : {}) })}`),
    async runs({ target, run, limit }) {
      if (run === undefined) return newestLast(await list(`/runs?${searchOf({ target })}`, limit))
      const found = await get<never>(`/runs/${run}`)
      return found.ok ? answer([found.value]) : found
    },
    log: (run, from) => bytesAt(connection, `${API}/runs/${run}/log?${searchOf({ from })}`),
    nodes: () => list('/nodes'),
    facts: (node) => get(`/nodes/${encodeURIComponent(node)}/facts`),
    timeline: async () => newestLast(await list('/revisions')),
    show: (revision) => get(`/revisions/${revision}`),
    async cycles() {
      const [first, all] = await Promise.all([
        get<{ trend?: CycleTrend }>('/cycles?limit=1'),
        list<CycleView>('/cycles'),
      ])
      if (!first.ok) return first
      if (!all.ok) return all
      const { trend } = first.value
      return answer({ cycles: all.value.reverse(), ...(trend && { trend }) })
    },
    async cycle(number) {
      if (number !== undefined) return get(`/cycles/${number}`)
      const last = await list<CycleView>('/cycles', 1)
      if (!last.ok) return last
      const [newest] = last.value
      if (newest) return get(`/cycles/${newest.cycle}`)
      return refuse({ code: 'unknownCycle', message: 'there was no cycle yet' })
    },
    execs: async (limit) => newestLast(await list<ExecView>('/execs', limit)),
    rehearse: (asked) => request(connection, `${API}/rehearsals`, jsonInit('POST', asked)),
    ...proposing(connection),
    ...acting(connection),
    access: httpAccess(connection),
    runners: httpRunners(connection),
    close: async () => {},
  }
}

/** The API gives the newest first. */
function newestLast<T>(found: Answer<T[]>): Answer<T[]> {
  return found.ok ? answer(found.value.reverse()) : found
}
