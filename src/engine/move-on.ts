// Moving on: what nobody asked for enters the timeline by Anneal's own hand, committed or left for people as policy says.
import { sameTarget } from '../annealer/decide.ts'
import { needsAnother } from '../annealer/four-eyes.ts'
import { movedOn, nextLostAt, proposedAlready } from '../annealer/moving-on.ts'
import { waitingProposals } from '../annealer/timeline.ts'
import type { World } from '../annealer/world.ts'
import { ANNEAL } from '../model/names.ts'
import type { Event } from '../model/event.ts'
import type { Feed, ProposeRequest, SiteFiles, SiteNow } from '../model/operations.ts'
import { type Answer, answer } from '../model/refusal.ts'
import { type RevisionCause, revisionCauseWords } from '../model/revision-cause.ts'
import type { Target } from '../model/site.ts'
import type { Clock } from './clock.ts'
import type { Engine } from './engine.ts'

export interface MoverParts {
  engine: Engine
  world: World
  clock: Clock
  signal: AbortSignal
  tell(feed: Feed): void
  /** Keeps the content that it names, and puts the proposal on the timeline. */
  put: (request: ProposeRequest, cause?: RevisionCause) => Promise<Answer<number>>
  /** Anneals to rest after something was committed. */
  toRest(): Promise<Answer<unknown>>
}

export interface Mover {
  /** Until nothing moves any more; a target that moves with every look at the nodes ends somewhere all the same. */
  moveOn(now: SiteNow): Promise<Answer<void>>
  /** Stays until the signal, and moves on whenever nodes or files say something else. */
  stay(now: SiteNow, files: SiteFiles | undefined): Promise<void>
  /** What happened may place roles otherwise. */
  hear(events: readonly Event[]): void
  /** While it stays: once this revision is committed, the files say this, whoever read them and wherever. */
  keep(revision: number, now: SiteNow): void
  /** Resolves when nothing moves any more and nothing is left to move on for, or when the journal has failed. */
  settled(): Promise<void>
}

const ROUNDS_MOST = 5

export function moverOf(parts: MoverParts): Mover {
  const { engine, world, clock, signal } = parts
  let stirred = false
  let wake = (): void => {}
  let current: SiteNow | undefined
  /** Something was heard of and is being looked at. */
  let moving = false
  const waiting: (() => void)[] = []
  const kept = new Map<number, SiteNow>()
  return { moveOn, stay, hear, keep, settled }

  async function moveOn(now: SiteNow): Promise<Answer<void>> {
    for (let round = 0; round < ROUNDS_MOST && !signal.aborted && !engine.fault; round++) {
      const found = movedOn(world, now.site, clock.now())
      if (!found.ok) return found
      await withdraw(found.value?.target)
      if (!found.value) break
      const { target, cause } = found.value
      // Whoever wrote the files is somebody, and needs another.
      const alone = needsAnother(world, { target, cause, author: ANNEAL }, ANNEAL)
      const policy = alone ? 'propose' : found.value.policy
      if (policy === 'propose' && proposedAlready(world, target)) break
      const message = revisionCauseWords(cause)
      const proposed = await parts.put({ ...now, by: ANNEAL, message }, cause)
      if (!proposed.ok) return proposed
      const revision = proposed.value
      if (policy === 'propose') {
        notice(`${message}; revision ${revision} waits for somebody to commit it`)
        break
      }
      const onto = world.head
      const commit = { kind: 'commitRevision', revision, onto, author: ANNEAL, message } as const
      const committed = await engine.ask(commit)
      if (!committed.ok) return committed
      notice(`${message}; committed as revision ${revision}`)
      const rested = await parts.toRest()
      if (!rested.ok) return rested
    }
    return answer(undefined)
  }

  /** What Anneal proposed for a cause that has gone, or that says something else by now. */
  async function withdraw(target: Target | undefined): Promise<void> {
    for (const { revision, target: proposed } of waitingProposals(world)) {
      if (target && sameTarget(proposed, target)) continue
      await engine.ask({ kind: 'discardRevision', revision, author: ANNEAL })
    }
  }

  async function stay(now: SiteNow, files: SiteFiles | undefined): Promise<void> {
    const left = new AbortController()
    let over = false
    let read: Awaited<ReturnType<SiteFiles['changed']>> | undefined
    let mistake: { error: unknown } | undefined
    current = now
    // What happened before anybody was here to hear it.
    stirred = true
    void Promise.race([aborted(), engine.failed]).then(() => {
      over = true
      wake()
    })
    readOn()
    for (;;) {
      const forget = wakeWhenLost(current)
      if (!(over || stirred || read || mistake)) await new Promise<void>((resolve) => (wake = resolve))
      forget()
      if (over) break
      if (mistake) throw mistake.error
      moving = true
      stirred = false
      if (read?.ok) current = read
      else if (read) notice(read.message)
      if (read) readOn()
      await engine.rest()
      const moved = await moveOn(current)
      if (!moved.ok)
        parts.tell({ kind: 'refused', what: 'moving on', details: { message: moved.refusal.message } })
      moving = false
      tellSettled()
    }
    left.abort()
    current = undefined
    tellSettled()
    await engine.rest()

    function readOn(): void {
      read = undefined
      void files?.changed(left.signal).then(
        (told) => {
          read = told
          wake()
        },
        (error: unknown) => {
          if (!left.signal.aborted) mistake = { error }
          wake()
        },
      )
    }
  }

  function keep(revision: number, now: SiteNow): void {
    if (current) kept.set(revision, now)
  }

  async function settled(): Promise<void> {
    for (;;) {
      await engine.rest()
      if (engine.fault || !current || !(stirred || moving)) return
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }

  function tellSettled(): void {
    for (const resolve of waiting.splice(0)) resolve()
  }

  function hear(events: readonly Event[]): void {
    for (const event of events) {
      if (event.kind === 'revisionCommitted') current = current && (kept.get(event.revision) ?? current)
      if (event.kind === 'revisionCommitted' || event.kind === 'revisionDiscarded')
        kept.delete(event.revision)
    }
    if (!events.some(mayMove)) return
    stirred = true
    wake()
  }

  /** The function that comes back forgets it. */
  function wakeWhenLost({ site }: SiteNow): () => void {
    const at = nextLostAt(world, site, clock.now())
    if (at === undefined) return () => {}
    return clock.wakeAt(at, () => {
      stirred = true
      wake()
    })
  }

  function aborted(): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  function notice(message: string): void {
    parts.tell({ kind: 'notice', message, at: clock.now() })
  }
}

/** What selections and choices of nodes read, or a revision that the mover has not seen. */
function mayMove(event: Event): boolean {
  if (event.kind === 'revisionCommitted') return event.author !== ANNEAL
  return MAY_MOVE.has(event.kind)
}

const MAY_MOVE = new Set<Event['kind']>([
  'factsChanged',
  'nodeReached',
  'nodeLost',
  'availabilityChanged',
  'nodeForgotten',
])
