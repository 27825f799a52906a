// What a hook brings about, by the same operations as everybody's: reading the files anew, or a look for drift.
import { policyOfSite } from '../annealer/policies.ts'
import { unreachable } from '../base/assert.ts'
import type { Log } from '../base/log.ts'
import type { HookAction } from '../model/observe-settings.ts'
import type { Operations, SiteNow } from '../model/operations.ts'
import { type Answer, answer } from '../model/refusal.ts'
import type { HooksParts } from './hooks-in.ts'

export interface HookActionsParts {
  operations: Pick<Operations, 'propose' | 'commit' | 'drift'>
  /** What the files of the site say now. */
  readSite: () => Promise<Answer<SiteNow>>
  log: Log
  /** Ends a look for drift that is under way when the server ends. */
  signal: AbortSignal
}

export function hookActions({ operations, readSite, log, signal }: HookActionsParts): HooksParts['act'] {
  return (does: HookAction, by: string) => {
    switch (does) {
      case 'propose':
        return propose(by, false)
      case 'refresh':
        return propose(by, true)
      case 'drift':
        void look(by)
        return Promise.resolve(answer({}))
      default:
        return unreachable(does)
    }
  }

  /** `onwards`: and commits it where policy says so of files that changed. */
  async function propose(by: string, onwards: boolean): ReturnType<HooksParts['act']> {
    const read = await readSite()
    if (!read.ok) return read
    const message = 'the files of the site changed'
    const proposed = await operations.propose({ ...read.value, by, message })
    if (!proposed.ok) return proposed
    if (!proposed.value) return answer({})
    const { revision } = proposed.value.revision
    if (!onwards || policyOfSite(read.value.site, 'changedFiles') !== 'commit') return answer({ revision })
    const request = { by, revision, message, signal, stay: false, onFeed: () => {} }
    const committed = await operations.commit({ ...request, confirm: () => Promise.resolve(true) })
    return committed.ok ? answer({ revision, committed: true as const }) : committed
  }

  /** Nobody waits for it: what it finds is told as all drift is. */
  async function look(by: string): Promise<void> {
    const found = await operations.drift({
      targets: [],
      repair: false,
      by,
      signal,
      stay: false,
      onFeed: () => {},
    })
    if (!found.ok) log('warn', 'a look for drift was refused', { by, code: found.refusal.code })
  }
}
