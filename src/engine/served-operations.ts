// Operations on the live world of a server: many callers at once, each with its own request to the one session.
import { viewRevision } from '../annealer/timeline.ts'
import { assert } from '../base/assert.ts'
import type { DryRunReport } from '../model/dry-run.ts'
import type { ExecView } from '../model/exec.ts'
import type { AnnealRequest, Discarded, DryRunRequest, ExecRequest, Operations } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import { accessOperations } from './access.ts'
import { type Asking, asking } from './asking.ts'
import { carryOutDryRun, planDryRun } from './dry-run.ts'
import { exec } from './exec.ts'
import { filesOf } from './files.ts'
import { type Ask, questionsTo } from './questions.ts'
import { refusalOf } from './reading.ts'
import { rehearsing } from './rehearsing.ts'
import { runnerOperations } from './runner-operations.ts'
import type { Session } from './session.ts'
import { eventsOf, quiet } from './site-operations.ts'
import type { SiteParts } from './site-parts.ts'
import { statusAt } from './status-at.ts'

export interface Served extends Operations {
  /** Resolves when no exec is under way; with `end` they are ended. */
  execsOver(end?: 'end'): Promise<void>
}

export function servedOperations(session: Session, parts: SiteParts): Served {
  const { engine, clock, proposals } = session
  const ask: Ask = async (question) => {
    try {
      return await engine.look(question)
    } catch (error) {
      return refuse(refusalOf(error))
    }
  }
  const under = new Set<Promise<unknown>>()
  const ending = new AbortController()

  return {
    ...questionsTo(ask, clock),
    statusAt: statusAt(parts),
    files: filesOf(ask, parts),
    dryRun,
    rehearse: rehearsing(ask, clock, parts.rehearseAside),
    propose: (request) => carried(() => proposals.propose(request)),
    rollback: (revision, by, message) => carried(() => proposals.rollback(revision, by, message)),
    discard,
    commit: (request) => working(request, (asked) => asked.commit(request)),
    up: async (request) =>
      request.only ? refuse(onlyRefused('up')) : working(request, (asked) => asked.up(request)),
    control: async (control, request) => {
      if (control.kind === 'run' && control.only) return refuse(onlyRefused('run'))
      const may = ENDS.has(control.kind) ? attending : working
      return may(request, (asked) => asked.control(control))
    },
    rinse: (request) => working(request, (asked) => asked.rinse(request)),
    drift: (request) => working(request, (asked) => asked.drift(request)),
    exec: executed,
    forget: (node, request) =>
      working(request, (asked) => asked.run([{ kind: 'forgetNode', node, by: request.by }])),
    access: accessOperations({
      ask: (_by, command) => engine.ask(command),
      read: ask,
      events: (after) => eventsOf(parts.store, after),
      now: () => clock.now(),
    }),
    runners: runnerOperations({ ask: (_by, command) => engine.ask(command), read: ask }),
    close: async () => {},
    async execsOver(end) {
      if (end) ending.abort()
      await Promise.allSettled(under)
    },
  }

  async function dryRun(request: DryRunRequest): Promise<Answer<DryRunReport>> {
    const planned = await ask((world) => planDryRun(world, request.site, true))
    return planned.ok ? answer(await carryOutDryRun(parts, planned.value, request)) : planned
  }

  async function discard(revision: number, by: string): Promise<Answer<Discarded>> {
    const given = await attending(quiet(by), (asked) => asked.control({ kind: 'discard', revision }))
    if (!given.ok) return given
    return ask((world) => {
      const record = world.revisions.get(revision)
      assert(record, `revision ${revision} was just discarded`)
      return answer({ revision: viewRevision(world, record) })
    })
  }

  /** Beside the runs that are at work on the same nodes, and ended with its caller or with the server. */
  async function executed(request: ExecRequest): Promise<Answer<ExecView>> {
    if (session.signal.aborted) return refuse(DRAINING)
    const signal = AbortSignal.any([request.signal, ending.signal])
    const makeExecutor: SiteParts['makeExecutor'] = (notice) => parts.makeExecutor(notice, 'aside')
    const done = carried(() => exec({ ...session, makeExecutor, served: true }, { ...request, signal }))
    under.add(done)
    return done.finally(() => under.delete(done))
  }

  function working<T>(
    request: AnnealRequest,
    work: (asked: Asking) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    return session.signal.aborted ? Promise.resolve(refuse(DRAINING)) : attending(request, work)
  }

  async function attending<T>(
    request: AnnealRequest,
    work: (asked: Asking) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const asked = asking(session, request)
    try {
      return await carried(() => work(asked))
    } finally {
      asked.end()
    }
  }

  async function carried<T>(work: () => Promise<Answer<T>>): Promise<Answer<T>> {
    try {
      return await work()
    } catch (error) {
      return refuse(refusalOf(error))
    }
  }
}

/** What helps a server to its end. */
const ENDS: ReadonlySet<string> = new Set(['stop', 'hold', 'cancel', 'discard'])

const DRAINING = {
  code: 'draining',
  message: 'the server is ending: runs in flight finish, nothing new is begun',
} as const

function onlyRefused(command: 'up' | 'run'): { code: 'notServed'; message: string } {
  const message = `${command} --only is for a session of its own, and here a server anneals for everybody`
  return { code: 'notServed', message }
}
