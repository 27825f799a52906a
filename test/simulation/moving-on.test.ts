// What nobody asked for: facts, nodes and files that change while Anneal stays, and what enters the timeline by its own hand.
import { expect, test } from 'vitest'
import { siteOperations } from '../../src/engine/site-operations.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { Controlled } from '../../src/model/control.ts'
import type { Feed, Operations, SiteFiles, UpRequest, UpResult } from '../../src/model/operations.ts'
import type { Answer } from '../../src/model/refusal.ts'
import type { ContactOutcome } from '../../src/model/run.ts'
import type { Policies, Site } from '../../src/model/site.ts'
import type { Runner, RunnerEvents } from '../../src/runner/runner.ts'
import { changed, readShortSite, shortSite } from '../support/short-site.ts'

const SHORT = readShortSite(`
nodes: { n1: , n2: , n3: }
roles: { ready: {}, db: { remove: true } }
deployments:
  base: { roles: [ready] }
  store: { nodes: node.facts.ssd == true, roles: [db] }
`)

const CHOSEN = readShortSite(`
nodes: { n1: , n2: , n3: }
roles: { db: {} }
deployments: { store: { roles: [{ role: db, count: 2 }] } }
`)

const SSD = { n1: { ssd: true }, n2: { ssd: false }, n3: { ssd: false } }

test('what the first look at nodes moves is a revision of its own, by Anneal; what was asked for is by who asked', async () => {
  const place = new Place(SHORT, SSD)
  expect(await place.up()).toMatchObject({ value: { outcome: 'ready' } })
  expect(await place.timeline()).toEqual([
    '1 onto 0 superseded (ann) as asked',
    '2 onto 1 committed (anneal) facts of n1 changed: db in store comes to n1',
  ])
})

test('a policy leaves it to people: it waits and is said, and no further up takes it by the way', async () => {
  const place = new Place(SHORT, SSD, { changedFacts: 'propose' })
  expect(await place.up()).toMatchObject({
    value: {
      outcome: 'waitsForApproval',
      status: { ready: true, waiting: [{ revision: 2, author: 'anneal' }] },
    },
  })
  expect(await place.up()).toMatchObject({ value: { outcome: 'waitsForApproval', runs: [] } })
  expect((await place.timeline()).at(-1)).toMatch(/^2 onto 1 proposed \(anneal\)/)
})

test('a proposal that waits is committed by a person, who stands for it', async () => {
  const place = new Place(SHORT, SSD, { changedFacts: 'propose' })
  await place.up()
  expect(await place.commit()).toMatchObject({
    value: { result: { outcome: 'ready', runs: [{ nodeRole: 'store/n1/db' }] } },
  })
  expect((await place.timeline()).at(-1)).toBe(
    '2 onto 1 committed (bea) facts of n1 changed: db in store comes to n1',
  )
})

test('while it stays, facts that flip move roles there and back, each time by a revision', async () => {
  const place = new Place(SHORT, SSD)
  await place.staying(async () => {
    await place.until(2)
    place.contact('n3', { ssd: true })
    await place.until(3)
    place.contact('n1', { ssd: false })
    await place.until(4)
    // What no selection reads moves nothing.
    place.contact('n1', { ssd: false, uptime: 1 })
    await turns()
  })
  expect((await place.timeline()).slice(2)).toEqual([
    '3 onto 2 superseded (anneal) facts of n3 changed: db in store comes to n3',
    '4 onto 3 committed (anneal) facts of n1 changed: db in store leaves n1',
  ])
  expect(await place.nodesOf('store')).toEqual(['n3'])
})

test('a proposal whose cause has gone is taken back, and one that was discarded is not made again', async () => {
  const place = new Place(SHORT, SSD, { changedFacts: 'propose' })
  await place.up()
  await place.discard(2)
  await place.staying(async () => {
    await turns()
    place.contact('n3', { ssd: true })
    await place.untilProposed(3)
    place.contact('n3', { ssd: false })
    await turns()
  })
  expect(await place.timeline()).toEqual([
    '1 onto 0 committed (ann) as asked',
    '2 onto 1 discarded (anneal) facts of n1 changed: db in store comes to n1',
    '3 onto 1 discarded (anneal) facts of n1, n3 changed: db in store comes to n1, n3',
  ])
})

test('who is chosen for another one is not the one whose facts changed', async () => {
  const short = changed(CHOSEN, { deployments: { store: { nodes: 'node.facts.ssd == true' } } })
  const place = new Place(short, { n1: { ssd: true }, n2: { ssd: true }, n3: { ssd: true } })
  await place.staying(async () => {
    await place.until(2)
    place.contact('n1', { ssd: false })
    await place.until(3)
  })
  expect((await place.timeline()).at(-1)).toBe(
    '3 onto 2 committed (anneal) facts of n1 changed: db in store moves from n1 to n3',
  )
})

test('a lost node keeps what it has as long as policy waits, which is for ever unless somebody says otherwise', async () => {
  const place = new Place(CHOSEN, {})
  await place.staying(async () => {
    await place.until(1)
    place.lose('n1')
    place.pass(60 * 60_000)
    await turns()
  })
  expect(await place.timeline()).toEqual(['1 onto 0 committed (ann) as asked'])
})

test('a node that is lost for longer than policy waits hands over; back in time, it keeps what it has', async () => {
  const place = new Place(CHOSEN, {}, { lostNode: 'commit', lostAfterMs: 60_000 })
  await place.staying(async () => {
    await place.until(1)
    place.lose('n1')
    await turns()
    place.pass(59_000)
    await turns()
    place.contact('n1', {})
    await turns()
    place.pass(59_000)
    await turns()
    place.lose('n2')
    await turns()
    place.pass(60_000)
    await place.until(2)
  })
  expect(await place.timeline()).toEqual([
    '1 onto 0 superseded (ann) as asked',
    '2 onto 1 committed (anneal) lost n2: db in store moves from n2 to n3',
  ])
})

test('files that change while it stays: new nodes come in, other changes wait', async () => {
  const files = new Files()
  const place = new Place(CHOSEN, {})
  await place.staying(async () => {
    await place.until(1)
    files.write(place.site({ nodes: { n4: {} } }))
    await place.until(2)
    files.break_('anneal.yaml has a fault')
    await turns()
    files.write(place.site({ nodes: { n4: {} }, roles: { db: { inputs: { port: 1 } } } }))
    await place.untilProposed(3)
  }, files)
  expect(await place.timeline()).toEqual([
    '1 onto 0 superseded (ann) as asked',
    '2 onto 1 committed (anneal) new node n4',
    '3 onto 2 proposed (anneal) the files of the site changed',
  ])
  expect(place.notices).toContain('anneal.yaml has a fault')
})

test('new nodes wait, too, where policy says so', async () => {
  const files = new Files()
  const place = new Place(CHOSEN, {}, { newNode: 'propose' })
  await place.staying(async () => {
    await place.until(1)
    files.write(place.site({ nodes: { n4: {} } }))
    await place.untilProposed(2)
  }, files)
  expect((await place.timeline()).at(-1)).toBe('2 onto 1 proposed (anneal) new node n4')
})

test('what moves to where it cannot be is told, and staying goes on', async () => {
  const short = changed(SHORT, {
    roles: { ready: { conflicts: ['db'] } },
    deployments: { base: { nodes: ['n2', 'n3'] } },
  })
  const place = new Place(short, SSD)
  await place.staying(async () => {
    await place.until(2)
    place.contact('n2', { ssd: true })
    await turns()
    place.contact('n2', { ssd: false })
    await turns()
  })
  expect(place.refusals).toEqual(['db and ready conflict, and both are placed on n2'])
})

// --- The place --------------------------------------------------------------------------------------------------------

const NO_ANSWER: ContactOutcome = { result: 'fault', fault: { code: 'unreachable', message: 'no route' } }

class Files implements SiteFiles {
  #tell: (said: Awaited<ReturnType<SiteFiles['changed']>>) => void = () => {}

  changed(): ReturnType<SiteFiles['changed']> {
    return new Promise((resolve) => (this.#tell = resolve))
  }

  write(site: Site): void {
    this.#tell({ ok: true, site, content: new Map() })
  }

  break_(message: string): void {
    this.#tell({ ok: false, message })
  }
}

class Place {
  readonly notices: string[] = []
  readonly refusals: string[] = []
  readonly #short: JsonObject
  readonly #facts: Record<string, JsonObject>
  readonly #policies: Partial<Policies>
  readonly #store = memoryJournal()
  readonly #language = makeLanguage()
  readonly #dead = new Set<string>()
  #now = 1_000_000
  #wakes: { at: number; wake(): void }[] = []
  #events: RunnerEvents | undefined

  constructor(short: JsonObject, facts: Record<string, JsonObject>, policies: Partial<Policies> = {}) {
    this.#short = short
    this.#facts = facts
    this.#policies = policies
  }

  site(change: JsonObject = {}): Site {
    return { ...shortSite(changed(this.#short, change)), policies: this.#policies }
  }

  up(more: Partial<UpRequest> = {}): Promise<Answer<UpResult>> {
    return this.#with((operations) =>
      operations.up({
        site: this.site(),
        content: new Map(),
        by: 'ann',
        message: 'as asked',
        confirm: async () => true,
        onFeed: (feed) => this.#hear(feed),
        signal: new AbortController().signal,
        stay: false,
        ...more,
      }),
    )
  }

  /** Stays while `meanwhile` goes on, then is interrupted. */
  async staying(meanwhile: () => Promise<void>, files?: SiteFiles): Promise<void> {
    const interrupt = new AbortController()
    const stayed = this.up({ stay: true, signal: interrupt.signal, ...(files && { files }) })
    await meanwhile()
    interrupt.abort()
    expect((await stayed).ok).toBe(true)
  }

  commit(): Promise<Answer<Controlled>> {
    const { signal } = new AbortController()
    return this.#with((operations) =>
      operations.commit({ by: 'bea', onFeed: () => {}, signal, stay: false, confirm: async () => true }),
    )
  }

  async discard(revision: number): Promise<void> {
    expect((await this.#with((operations) => operations.discard(revision, 'bea'))).ok).toBe(true)
  }

  async timeline(): Promise<string[]> {
    const told = await this.#with((operations) => operations.timeline())
    if (!told.ok) return []
    return told.value.map(
      (one) => `${one.revision} onto ${one.onto} ${one.status} (${one.author}) ${one.message}`,
    )
  }

  async nodesOf(deployment: string): Promise<string[]> {
    const told = await this.#with((operations) => operations.status())
    if (!told.ok) return []
    return told.value.nodeRoles.filter((one) => one.deployment === deployment).map(({ node }) => node)
  }

  contact(node: string, facts: JsonObject): void {
    this.#dead.delete(node)
    this.#report(node, { result: 'reached', facts })
  }

  lose(node: string): void {
    this.#dead.add(node)
    this.#report(node, NO_ANSWER)
  }

  /** Lets time go by and wakes who waits for it. */
  pass(ms: number): void {
    this.#now += ms
    const due = this.#wakes.filter(({ at }) => at <= this.#now)
    this.#wakes = this.#wakes.filter(({ at }) => at > this.#now)
    for (const one of due) one.wake()
  }

  /** Until so many revisions are committed and at rest. */
  until(revision: number): Promise<void> {
    return this.#until((status) => status.ok && status.value.revision >= revision && status.value.atRest)
  }

  untilProposed(revision: number): Promise<void> {
    return this.#until((status) => status.ok && status.value.waiting?.at(-1)?.revision === revision)
  }

  async #until(is: (status: Awaited<ReturnType<Operations['status']>>) => boolean): Promise<void> {
    while (!is(await this.#with((operations) => operations.status()))) await turns()
    await turns()
  }

  #report(node: string, outcome: ContactOutcome): void {
    this.#events?.report({ kind: 'reportContact', node, outcome })
  }

  #hear(feed: Feed): void {
    if (feed.kind === 'notice') this.notices.push(feed.message)
    if (feed.kind === 'refused') this.refusals.push((feed.details as { message: string }).message)
  }

  async #with<T>(use: (operations: Operations) => Promise<T>): Promise<T> {
    const operations = siteOperations({
      store: this.#store,
      language: this.#language,
      clock: {
        now: () => this.#now,
        wakeAt: (at, wake) => {
          const one = { at, wake }
          this.#wakes.push(one)
          return () => (this.#wakes = this.#wakes.filter((other) => other !== one))
        },
      },
      makeRunner: async (_, events) => this.#runner(events),
      makeExecutor: () => Promise.reject(new Error('nothing is executed here')),
      holder: { pid: 1, host: 'here', what: 'anneal up' },
    })
    try {
      return await use(operations)
    } finally {
      await operations.close()
    }
  }

  #runner(events: RunnerEvents): Runner {
    this.#events = events
    return {
      start: ({ run, token }) =>
        queueMicrotask(() =>
          events.report({
            kind: 'reportRun',
            run,
            token,
            outcome: { result: 'ok', outputs: {}, filesChanged: [], durationMs: 1 },
          }),
        ),
      contact: ({ name }) =>
        queueMicrotask(() =>
          events.report({
            kind: 'reportContact',
            node: name,
            outcome: this.#dead.has(name) ? NO_ANSWER : { result: 'reached', facts: this.#facts[name] ?? {} },
          }),
        ),
      check: () => {},
      cancel: () => {},
      close: async () => {},
    }
  }
}

/** Lets all promises that can be kept be kept. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
}
