// A site that is served to tests: a live engine, machines that answer at once, a journal in memory, no files.
import { viewNodeRole } from '../../src/annealer/view.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { accessOperations } from '../../src/engine/access.ts'
import { Engine } from '../../src/engine/engine.ts'
import { remember } from '../../src/engine/memory.ts'
import type { ServedTurn, Serving } from '../../src/engine/serving.ts'
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import type { Operations } from '../../src/model/operations.ts'
import type { Site } from '../../src/model/site.ts'
import { instantRunner, type Instant } from './instant-runner.ts'

export interface TestServing extends Serving {
  commit(site: Site): Promise<void>
}

export async function testServing(instant: Instant = {}): Promise<TestServing> {
  const store = memoryJournal()
  const opened = await store.openWriter({ pid: 1, host: 'here', what: 'a test' })
  if (!opened.ok) throw new Error(opened.refusal.message)
  const journal = opened.value
  const { world, sinceSnapshot } = await remember(journal, makeLanguage())
  let head = 0
  const watchers = new Set<(turn: ServedTurn) => void>()
  const engine = new Engine({
    world,
    journal,
    clock: systemClock,
    sinceSnapshot,
    onTurn({ events, changed }) {
      const first = head + 1
      head += events.length
      const turn: ServedTurn = {
        first,
        head,
        at: world.now,
        events,
        changed: [...changed].map(([nodeRole, before]) => ({
          id: nodeRole.id,
          ...(before === undefined ? {} : { before }),
          ...(world.nodeRoles.get(nodeRole.id) === nodeRole ? { after: viewNodeRole(world, nodeRole) } : {}),
        })),
        feed: [],
      }
      for (const watcher of watchers) watcher(turn)
    },
  })
  await engine.ask({ kind: 'startSession', by: 'server', stays: true })
  engine.useRunner(instantRunner((report) => void engine.ask(report), instant))
  return {
    operations: {
      access: accessOperations({
        ask: (_, command) => engine.ask(command),
        read: async (question) => question(world),
        events: async (after) => ({ ok: true, value: journal.events(after) }),
        now: () => Date.now(),
      }),
    } as Operations,
    ask: (question) => engine.look(question),
    head: () => head,
    events: (after) => journal.events(after),
    blob: (digest) => journal.blob(digest),
    watch(listener) {
      watchers.add(listener)
      return () => void watchers.delete(listener)
    },
    rest: () => engine.rest(),
    drain: async () => {},
    isDraining: () => false,
    over: engine.failed,
    fault: () => engine.fault,
    failed: engine.failed,
    close: () => engine.close(),
    async commit(site) {
      const who = { author: 'ann', message: 'a change' }
      const proposed = await engine.ask({ kind: 'proposeRevision', site, ...who })
      if (!proposed.ok) throw new Error(proposed.refusal.message)
      const revision = Math.max(...world.revisions.keys())
      await engine.ask({ kind: 'commitRevision', revision, onto: world.head, ...who })
    },
  }
}
