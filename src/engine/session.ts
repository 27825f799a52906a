// A session: the engine at work with the journal's lock held, what moves its timeline on by itself, and all who follow it.
import type { Turn } from '../annealer/turn.ts'
import { viewStatus } from '../annealer/view.ts'
import type { World } from '../annealer/world.ts'
import type { JournalWriter } from '../journal/journal.ts'
import type { Command } from '../model/command.ts'
import type { Event, SessionLimit } from '../model/event.ts'
import type { Feed } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Clock } from './clock.ts'
import { Engine } from './engine.ts'
import { KeptDiff } from './kept-diff.ts'
import type { Remembered } from './memory.ts'
import { type Mover, moverOf } from './move-on.ts'
import { type Proposing, proposing } from './proposing.ts'
import type { SiteParts } from './site-parts.ts'
import { tellTurn } from './tell-turn.ts'

export interface SessionParts extends Pick<SiteParts, 'clock' | 'makeRunner' | 'holder'> {
  journal: JournalWriter
  remembered: Remembered
  by: string
  /** It goes on after rest, and looks for drift on schedule. */
  stays: boolean
  /** Many ask at once, and it goes on whatever becomes of one of them. */
  serves: boolean
  /** Aborting starts nothing new from then on; what is in flight ends. */
  signal: AbortSignal
}

export interface Session {
  world: World
  engine: Engine
  clock: Clock
  proposals: Proposing
  diffs: KeptDiff
  mover: Mover
  serves: boolean
  /** What this process is, for whoever finds the site busy. */
  holder: string
  /** Aborted once nothing new starts any more. */
  signal: AbortSignal
  /** After each turn, in order; the function that comes back ends it. */
  follow(follower: (told: Told) => void): () => void
  /** To all who follow. */
  notice: (message: string) => void
  /** Writes the beginning down and has a runner from then on; nothing is claimed before `go`. */
  begin(only?: SessionLimit): Promise<Answer<unknown>>
  isRunning(): boolean
  /** Lets runs be claimed, and looks at once at what is due. */
  go(): Promise<void>
  stop(by: string): void
  close(): Promise<void>
}

/** What a turn told; without one what is said to all in between. */
export interface Told {
  made?: Pick<Turn, 'events' | 'changed'>
  head: number
  feed: readonly Feed[]
}

export function openSession(parts: SessionParts): Session {
  const { clock, journal } = parts
  const { world, seq, sinceSnapshot } = parts.remembered
  const followers = new Set<(told: Told) => void>()
  const stopped = new AbortController()
  const signal = AbortSignal.any([parts.signal, stopped.signal])
  let stoppedBy = parts.by
  let running = false
  let claiming = false
  const engine = new Engine({
    world,
    journal,
    clock,
    seq,
    sinceSnapshot,
    onTurn: tellAll,
    mayClaim: () => claiming,
  })
  const proposals = proposing({ world, engine, journal, keep: (revision, now) => mover.keep(revision, now) })
  const mover = moverOf({ engine, world, clock, signal, tell, put: proposals.put, toRest })
  return {
    world,
    engine,
    clock,
    proposals,
    diffs: new KeptDiff(world),
    mover,
    serves: parts.serves,
    holder: parts.holder.what,
    signal,
    follow,
    notice: (message) => tell({ kind: 'notice', message, at: clock.now() }),
    begin,
    isRunning: () => running,
    go,
    stop,
    close,
  }

  function tellAll(made: Turn, head: number): void {
    const feed: Feed[] = []
    if (followers.size > 0) tellTurn(world, made, (one) => feed.push(one))
    for (const follower of followers) follower({ made, head, feed })
    mover.hear(made.events)
  }

  function tell(feed: Feed): void {
    for (const follower of followers) follower({ head: engine.head, feed: [feed] })
  }

  function follow(follower: (told: Told) => void): () => void {
    followers.add(follower)
    return () => followers.delete(follower)
  }

  /** The runner is there only after the session has begun: what an earlier one left is settled by then. */
  async function begin(only?: SessionLimit): Promise<Answer<unknown>> {
    if (running) return answer(undefined)
    running = true
    const started = await engine.ask({
      kind: 'startSession',
      by: parts.by,
      stays: parts.stays,
      ...(only === undefined ? {} : { only }),
    })
    if (!started.ok) return started
    if (signal.aborted) stopClaiming()
    else signal.addEventListener('abort', stopClaiming, { once: true })
    engine.useRunner(
      await parts.makeRunner((digest) => journal.blob(digest), {
        report: (report) => void engine.ask(report).then(tellRefusal(report)),
        notice: (node, message) => tell({ kind: 'notice', node, message, at: clock.now() }),
      }),
    )
    return started
  }

  async function go(): Promise<void> {
    claiming = true
    // Even with nothing asked, what is due must be looked at once.
    await engine.ask({ kind: 'tick' })
  }

  async function toRest(): Promise<Answer<unknown>> {
    tell({ kind: 'status', status: viewStatus(world) })
    await go()
    await engine.rest()
    return engine.fault ? refuse(engine.fault) : answer(undefined)
  }

  function stop(by: string): void {
    if (!signal.aborted) stoppedBy = by
    stopped.abort()
  }

  function stopClaiming(): void {
    void engine.ask({ kind: 'stopClaiming', by: stoppedBy })
  }

  function close(): Promise<void> {
    signal.removeEventListener('abort', stopClaiming)
    return engine.close()
  }

  function tellRefusal(report: Command): (answered: Answer<Event[]>) => void {
    return (answered) => {
      if (!answered.ok)
        tell({ kind: 'refused', what: report.kind, details: { message: answered.refusal.message } })
    }
  }
}
