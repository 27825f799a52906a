// Acting over HTTP: looked at and confirmed here, carried out by the server, followed to rest; who stops following stops nothing.
import { digestOf } from '../base/digest.ts'
import type { Json } from '../base/json.ts'
import type { Control, Controlled } from '../model/control.ts'
import type { FollowedLine } from '../model/followed-line.ts'
import type {
  AnnealRequest,
  CommitRequest,
  DriftReport,
  Operations,
  RinseRequest,
  UpRequest,
  UpResult,
} from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { RinsePreview } from '../model/rinse.ts'
import type { RunId } from '../model/run.ts'
import type { Site } from '../model/site.ts'
import type { Diff, RevisionDetails, RevisionView, RunView, StatusView } from '../model/view.ts'
import { executed } from './executing.ts'
import { followLines } from './follow-lines.ts'
import { statusOf } from './status-of.ts'
import { listOf } from './list-of.ts'
import { sendContent } from './proposing.ts'
import { type Connection, jsonInit, request } from './request.ts'

const API = '/api/v1'

export type Acting = Pick<
  Operations,
  'commit' | 'up' | 'control' | 'rinse' | 'drift' | 'exec' | 'forget' | 'dryRun'
>

export function acting(connection: Connection): Acting {
  return {
    up,
    commit,
    control,
    rinse,
    async drift(asked) {
      const { targets, repair } = asked
      const over = (runs: RunView[], wallMs: number): DriftReport => {
        return { nodeRoles: [], runs, wallMs, interrupted: true }
      }
      return followed(asked, '/drift', { targets, repair }, async (runs, ms) => answer(over(runs, ms)))
    },
    async forget(node, asked) {
      return toRest(asked, `/nodes/${encodeURIComponent(node)}/forget`, {})
    },
    exec: (asked) => executed(connection, asked),
    async dryRun(asked) {
      const { site, content, signal } = asked
      const sent = await sendContent(connection, site, content)
      if (!sent.ok) return sent
      const hear = (line: FollowedLine): void => {
        if ('notice' in line) asked.onNotice(line.node, line.notice)
      }
      return followLines(connection, { path: `${API}/dry-runs`, body: { site }, signal, hear })
    },
  }

  /** Asked again where the server would do something else by now than what was agreed to. */
  async function up(wanted: UpRequest): Promise<Answer<UpResult>> {
    const { site, content, message } = wanted
    if (wanted.only)
      return refuse(notServed('up --only is for a session of its own, and here a server anneals'))
    if (wanted.stay) return refuse(notServed('a server stays by itself; anneal watch follows what it does'))
    const nothing = await nothingToDo(site)
    if (nothing) return answer(nothing)
    for (;;) {
      const preview = await post<{ diff: Diff | null; confirmed?: string }>('/ups/preview', { site })
      if (!preview.ok) return preview
      const { diff, confirmed } = preview.value
      if (diff && !(await wanted.confirm(diff))) return undone('declined')
      if (wanted.signal.aborted) return undone('interrupted')
      const sent = await sendContent(connection, site, content)
      if (!sent.ok) return sent
      const body = { site, message, ...(confirmed === undefined ? {} : { confirmed }) }
      const ended = await toRest(wanted, '/ups', body)
      if (ended.ok || ended.refusal.code !== 'notAsConfirmed') return ended
    }
  }

  /** The server may have looked at this very site before: then its digest is all that it needs. */
  async function nothingToDo(site: Site): Promise<UpResult | undefined> {
    const began = Date.now()
    const digest = digestOf(JSON.parse(JSON.stringify(site)) as Json)
    // A server of before this was asked for refuses it: then the site is sent.
    const told = await post<{ atRest?: Omit<StatusView, 'nodeRoles'> }>('/ups/same', { digest })
    if (!told.ok || !told.value.atRest) return undefined
    const status = { ...told.value.atRest, nodeRoles: [] }
    return { outcome: 'ready', runs: [], wallMs: since(began), status }
  }

  async function commit(wanted: CommitRequest): Promise<Answer<Controlled>> {
    const meant = await proposalMeant(wanted.revision)
    if (!meant.ok) return meant
    const { revision, diff } = meant.value
    const ended = (outcome: 'declined' | 'interrupted'): Promise<Answer<Controlled>> =>
      undone(outcome).then((told) =>
        told.ok ? answer({ names: [], leftOut: [], result: told.value }) : told,
      )
    if (diff && !(await wanted.confirm(diff))) return ended('declined')
    if (wanted.signal.aborted) return ended('interrupted')
    const why = wanted.message === undefined ? {} : { why: wanted.message }
    return control({ kind: 'commit', revision: revision.revision, onto: revision.onto, ...why }, wanted)
  }

  /** Without a diff where committing it will be refused. */
  async function proposalMeant(
    named: number | undefined,
  ): Promise<Answer<{ revision: RevisionView; diff?: Diff }>> {
    const meant = named === undefined ? await newestProposal() : answer(named)
    if (!meant.ok) return meant
    const path = `${API}/revisions/${meant.value}`
    const found = await request<RevisionDetails>(connection, path)
    if (!found.ok || found.value.revision.status !== 'proposed') return found
    const diff = await request<Diff>(connection, `${path}/diff`)
    return diff.ok ? answer({ revision: found.value.revision, diff: diff.value }) : diff
  }

  async function newestProposal(): Promise<Answer<number>> {
    const timeline = await listOf<RevisionView>(connection, `${API}/revisions`)
    if (!timeline.ok) return timeline
    const waiting = timeline.value.find(({ status }) => status === 'proposed' || status === 'overtaken')
    if (waiting) return answer(waiting.revision)
    return refuse({ code: 'unknownRevision', message: 'nothing is proposed; anneal propose would do that' })
  }

  async function control(asked: Control, wanted: AnnealRequest): Promise<Answer<Controlled>> {
    return followed(wanted, '/controls', asked, async (runs, wallMs) => {
      const told = await statusOf(connection)
      if (!told.ok) return told
      const result = { outcome: 'interrupted', runs, wallMs, status: told.value } as const
      return answer({ names: [], leftOut: [], result })
    })
  }

  async function rinse(wanted: RinseRequest): Promise<Answer<UpResult>> {
    const { targets, once, why } = wanted
    for (;;) {
      const preview = await post<RinsePreview>('/rinses/preview', { targets, once })
      if (!preview.ok) return preview
      if (!(await wanted.confirm(preview.value))) return undone('declined')
      if (wanted.signal.aborted) return undone('interrupted')
      const confirmed = digestOf(preview.value as unknown as Json)
      const body = { targets, once, confirmed, ...(why === undefined ? {} : { why }) }
      const ended = await toRest(wanted, '/rinses', body)
      if (ended.ok || ended.refusal.code !== 'notAsConfirmed') return ended
    }
  }

  function toRest(asked: AnnealRequest, path: string, body: unknown): Promise<Answer<UpResult>> {
    return followed(asked, path, body, async (runs, wallMs) => {
      const told = await statusOf(connection)
      return told.ok ? answer({ outcome: 'interrupted', runs, wallMs, status: told.value }) : told
    })
  }

  /** `left`: what is said to whoever stops following. */
  async function followed<T>(
    asked: AnnealRequest,
    path: string,
    body: unknown,
    left: (runs: RunView[], wallMs: number) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const runs = new Map<RunId, RunView>()
    const began = Date.now()
    const hear = (line: FollowedLine): void => {
      if (!('feed' in line)) return
      if (line.feed.kind === 'run') runs.set(line.feed.run.run, line.feed.run)
      asked.onFeed(line.feed)
    }
    const { signal } = asked
    const ended = await followLines<T>(connection, { path: API + path, body, signal, hear })
    const isLeft = signal.aborted && !ended.ok && ended.refusal.code === 'noServer'
    return isLeft ? left([...runs.values()], since(began)) : ended
  }

  async function undone(outcome: 'declined' | 'interrupted'): Promise<Answer<UpResult>> {
    const told = await statusOf(connection)
    return told.ok ? answer({ outcome, runs: [], wallMs: 0, status: told.value }) : told
  }

  function post<T>(path: string, body: unknown): Promise<Answer<T>> {
    return request(connection, API + path, jsonInit('POST', body))
  }
}

/** `performance` would have to be loaded, which takes as long as the question; a clock that was set back says nothing below zero. */
function since(began: number): number {
  return Math.max(0, Date.now() - began)
}

function notServed(message: string): { code: 'notServed'; message: string } {
  return { code: 'notServed', message }
}
