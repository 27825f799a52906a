// Serving with others: one server of a site anneals, the others follow its journal, and one of them goes on when it is gone.
import {
  type Door,
  type Holding,
  JournalFault,
  type JournalReader,
  type Meeting,
} from '../journal/journal.ts'
import type { SiteNow } from '../model/operations.ts'
import { type Answer, answer, type Refusal, refuse } from '../model/refusal.ts'
import type { Silence } from '../model/server-place.ts'
import { silenceWords } from '../model/silence-words.ts'
import { type FollowedTurn, Following } from './following.ts'
import { remember } from './memory.ts'
import type { Ask } from './questions.ts'
import { PastWorlds } from './past-worlds.ts'
import { refusalOf } from './reading.ts'
import { serveOpened, type SiteToServe, turnOf } from './serve-site.ts'
import type { ServedTurn, Serving } from './serving.ts'
import type { SiteParts } from './site-parts.ts'
import { standbyOperations } from './standby-operations.ts'
import { switchingOperations } from './switching-operations.ts'
import { tellTurn } from './tell-turn.ts'
import type { Feed } from '../model/operations.ts'

export interface ElectedParts extends SiteParts {
  meeting: Meeting
  /** What the files say when this server comes to anneal: it may have stood by for weeks. */
  readNow(): Promise<Answer<SiteNow>>
  /** It takes over from one that has the journal and was silent for so long. */
  patienceMs: number
  /** Of what becomes of this server; of a journal that is away and comes back. */
  notice(message: string): void
}

export interface ElectedServing extends Serving {
  /** How others reach this server, once it is reached; they are told when it anneals. */
  introduce(door: Door): Promise<void>
  /** Resolves when it anneals. */
  active: Promise<void>
}

/** A standby looks so often whether somebody has the lock. */
const LOOK_MS = 250
const ASK_AGAIN_MS = 10_000
/** What is none of the world's faults does not go away by waiting. */
const PASSING: ReadonlySet<string> = new Set(['busy', 'journalFault', 'nothingThere'])

/** Anneals where nobody does, else stands by. Refuses as `JournalStore` does for other reasons than `busy`. */
export async function serveElected(parts: ElectedParts, site: SiteToServe): Promise<Answer<ElectedServing>> {
  for (;;) {
    const taken = await takeOver(parts, site)
    if (taken.ok) return answer(new Elected(parts, site, taken.value).serving())
    if (taken.refusal.code !== 'busy') return taken
    const opened = await parts.store.openReader()
    if (opened.ok) {
      try {
        const following = await Following.begin(opened.value, parts.language)
        return answer(new Elected(parts, site, { following, journal: opened.value }).serving())
      } catch (error) {
        await opened.value.close()
        return refuse(refusalOf(error))
      }
    }
    // Whoever has the lock is just making the journal.
    if (opened.refusal.code !== 'nothingThere') return opened
    await pause(parts)
  }
}

type Standing = { following: Following; journal: JournalReader }
type Role = Serving | Standing

async function takeOver(
  parts: ElectedParts,
  site: SiteToServe,
  standing?: { now: SiteNow; end(): Promise<Awaited<ReturnType<typeof remember>>> },
): Promise<Answer<Serving>> {
  const opened = await parts.store.openWriter(parts.holder)
  if (!opened.ok) return opened
  const journal = opened.value
  try {
    const remembered = standing ? await standing.end() : await remember(journal, parts.language)
    return await serveOpened(parts, { ...site, ...(standing && { now: standing.now }) }, journal, remembered)
  } catch (error) {
    await journal.close()
    return refuse(refusalOf(error))
  }
}

function pause({ clock }: ElectedParts, wakesBy?: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const forget = clock.wakeAt(clock.now() + LOOK_MS, resolve)
    wakesBy?.(() => {
      forget()
      resolve()
    })
  })
}

class Elected {
  readonly #parts: ElectedParts
  readonly #site: SiteToServe
  #role: Role
  #door: Door | undefined
  #active: Door | undefined
  #silent: Silence | undefined
  /** Of the last time that its session was to be ended: how long it had been silent. */
  #askedAtMs = 0
  #fault: Refusal | undefined
  #isAway = false
  #ending = false
  #wake = (): void => {}
  readonly #listeners = new Set<(turn: ServedTurn) => void>()
  readonly #tells = { active: (): void => {}, failed: (): void => {}, over: (): void => {} }
  readonly #isActive = new Promise<void>((resolve) => (this.#tells.active = resolve))
  readonly #hasFailed = new Promise<void>((resolve) => (this.#tells.failed = resolve))
  readonly #isOver = new Promise<void>((resolve) => (this.#tells.over = resolve))
  readonly #listening: { close(): Promise<void> } | undefined
  readonly #standing: Promise<void>

  constructor(parts: ElectedParts, site: SiteToServe, role: Role) {
    this.#parts = parts
    this.#site = site
    this.#role = role
    if ('following' in role) {
      parts.notice('another server of the site anneals; this one stands by')
      this.#listening = parts.meeting.listen(() => void this.#follow().catch(() => {}))
      this.#standing = this.#standBy()
    } else {
      this.#standing = Promise.resolve()
      this.#anneal(role)
    }
  }

  serving(): ElectedServing {
    const ask: Ask = async (question) => {
      const { following } = this.#role as Standing
      return question(following.world)
    }
    const standingOperations = standbyOperations(ask, this.#parts)
    const inner = (): Serving | undefined => ('following' in this.#role ? undefined : this.#role)
    const events: Serving['events'] = (after) =>
      ('following' in this.#role ? this.#role.journal : this.#role).events(after)
    return {
      operations: switchingOperations(() => inner()?.operations ?? standingOperations),
      ask: async (question) => {
        const role = this.#role
        return 'following' in role ? question(role.following.world) : role.ask(question)
      },
      head: () => ('following' in this.#role ? this.#role.following.head : this.#role.head()),
      events,
      past: new PastWorlds({ language: async () => this.#parts.language, events }),
      blob: (digest) => ('following' in this.#role ? this.#role.journal : this.#role).blob(digest),
      watch: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
      rest: async () => inner()?.rest(),
      drain: async (by) => {
        this.#ending = true
        if (inner()) await inner()?.drain(by)
        else this.#tells.over()
      },
      isDraining: () => inner()?.isDraining() ?? this.#ending,
      fault: () => inner()?.fault() ?? this.#fault,
      failed: this.#hasFailed,
      over: this.#isOver,
      standby: () =>
        inner()
          ? undefined
          : { ...(this.#active && { active: this.#active }), ...(this.#silent && { silent: this.#silent }) },
      moveOn: () => this.#follow(),
      introduce: (door) => this.#introduce(door),
      active: this.#isActive,
      close: async () => {
        this.#ending = true
        this.#wake()
        await this.#standing
        await this.#listening?.close()
        await ('following' in this.#role ? this.#role.journal : this.#role).close()
        await this.#parts.meeting.close()
      },
    }
  }

  async #introduce(door: Door): Promise<void> {
    this.#door = door
    if (!('following' in this.#role)) await this.#parts.meeting.tellDoor(door).catch(() => {})
  }

  #anneal(serving: Serving): void {
    this.#role = serving
    this.#active = this.#silent = undefined
    serving.watch((turn) => this.#tell(turn))
    void serving.failed.then(this.#tells.failed)
    void serving.over.then(this.#tells.over)
    if (this.#door) void this.#introduce(this.#door)
    this.#tells.active()
  }

  /** Until it anneals, or ends. */
  async #standBy(): Promise<void> {
    while (!this.#ending && !this.#fault && 'following' in this.#role) {
      try {
        await this.#follow()
        const held = await this.#parts.meeting.holder()
        this.#active = held?.door
        await this.#watch(held ?? {})
        if (this.#isAway) this.#parts.notice('the journal answers again')
        this.#isAway = false
        if (!held) await this.#take(this.#role)
      } catch (error) {
        if (!this.#isAway) this.#parts.notice(wordsOf(error))
        this.#isAway = true
        if (error instanceof JournalFault && !PASSING.has(error.refusal.code))
          return this.#fail(error.refusal)
      }
      if (!this.#ending) await pause(this.#parts, (wake) => (this.#wake = wake))
    }
  }

  /** A process that is stopped or hangs keeps its session, and with it the lock. */
  async #watch({ holder, heldMs = 0, silentMs: forMs }: Holding): Promise<void> {
    const { patienceMs } = this.#parts
    const was = this.#silent
    if (forMs === undefined) {
      this.#silent = undefined
      if (was) this.#parts.notice('who has the journal gives signs of life again, or has it no more')
      return
    }
    const refused = forMs > patienceMs ? await this.#endSilent(forMs) : undefined
    this.#silent = {
      ...(holder && { holder }),
      heldMs,
      forMs,
      patienceMs,
      ...(refused !== undefined && { refused }),
    }
    if (!was || was.refused !== refused) this.#parts.notice(silenceWords(this.#silent))
  }

  /** What was refused is asked again now and then: who may do what may be changed meanwhile. */
  async #endSilent(forMs: number): Promise<string | undefined> {
    const refused = this.#silent?.refused
    if (refused !== undefined && forMs < this.#askedAtMs + ASK_AGAIN_MS) return refused
    this.#askedAtMs = forMs
    return this.#parts.meeting.endSilent(this.#parts.patienceMs)
  }

  async #take(standing: Standing): Promise<void> {
    const now = await this.#parts.readNow()
    let isEnded = false
    const taken = await takeOver(this.#parts, this.#site, {
      now: now.ok ? now.value : this.#site.now,
      end: async () => {
        // With the lock in hand nothing comes after this.
        await this.#follow()
        isEnded = true
        return standing.following.end()
      },
    })
    if (taken.ok) {
      this.#parts.notice('this server anneals from now on')
      this.#anneal(taken.value)
      await standing.journal.close()
    } else if (isEnded) this.#fail(taken.refusal)
    else if (taken.refusal.code !== 'busy') throw new JournalFault(taken.refusal)
  }

  async #follow(): Promise<void> {
    const role = this.#role
    if (!('following' in role)) return
    await role.following.moveOn((turn) => this.#tellFollowed(role.following, turn))
  }

  #tellFollowed({ world }: Following, { made, head }: FollowedTurn): void {
    const feed: Feed[] = []
    if (this.#listeners.size > 0) tellTurn(world, made, (one) => feed.push(one))
    this.#tell(turnOf(world, { made, head, feed }))
  }

  #tell(turn: ServedTurn): void {
    for (const listener of this.#listeners) listener(turn)
  }

  #fail(refusal: Refusal): void {
    this.#fault = refusal
    this.#tells.failed()
    this.#tells.over()
  }
}

function wordsOf(error: unknown): string {
  return `the journal does not answer: ${error instanceof Error ? error.message : String(error)}`
}
