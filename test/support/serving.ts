// A site that is served to tests: the real server's engine, machines that answer at once, a journal in memory, no files.
import { digestOfBytes } from '../../src/base/digest.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { serveSite } from '../../src/engine/serve-site.ts'
import type { SiteParts } from '../../src/engine/site-parts.ts'
import type { Serving } from '../../src/engine/serving.ts'
import { memoryJournal } from '../../src/journal/memory-journal.ts'
import type { Site } from '../../src/model/site.ts'
import { instantRunner, type Instant } from './instant-runner.ts'

export interface TestServing extends Serving {
  /** Durable when it resolves; `rest` waits for what comes of it. */
  commit(site: Site, templates?: readonly string[]): Promise<void>
}

export async function testServing(
  instant: Instant = {},
  more: Pick<SiteParts, 'showFiles'> = {},
): Promise<TestServing> {
  const empty: Site = { name: 'site', nodes: {}, deployments: {}, roles: {}, defaults: {} }
  const served = await serveSite(
    {
      store: memoryJournal(),
      language: makeLanguage(),
      clock: systemClock,
      makeRunner: async (_, events) => instantRunner((report) => events.report(report), instant),
      makeExecutor: async () => ({
        async carryOut(order) {
          void order.onOutput('stdout', Buffer.from('hello\n'))
          return { result: 'done', exit: 0, durationMs: 1 }
        },
        close: async () => {},
      }),
      holder: { pid: 1, host: 'here', what: 'a test' },
      ...more,
    },
    { now: { site: empty, content: new Map() }, files: { changed: (signal) => ended(signal) }, by: 'server' },
  )
  if (!served.ok) throw new Error(served.refusal.message)
  const serving = served.value
  const { operations } = serving
  return {
    ...serving,
    async commit(site, templates = []) {
      const up = await operations.up({
        site,
        content: new Map([...contentOf(site), ...templates.map(blobOf)]),
        by: 'ann',
        message: 'a change',
        confirm: async () => true,
        onFeed: () => {},
        signal: new AbortController().signal,
        stay: false,
        written: true,
      })
      if (!up.ok) throw new Error(up.refusal.message)
    },
  }
}

/** Files that never change. */
function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}

function blobOf(text: string): [string, Uint8Array] {
  return [digestOfBytes(text), Buffer.from(text)]
}

/** What a short site refers to: its digests are those of these texts. */
export function contentOf({ roles }: Site): Map<string, Uint8Array> {
  const texts = Object.keys(roles).flatMap((role) =>
    ['apply', 'check', 'remove'].map((action) => JSON.stringify(`${role} ${action}`)),
  )
  return new Map(texts.map(blobOf))
}
