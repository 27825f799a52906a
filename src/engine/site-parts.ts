// What operations on a site need of the world around them; the roof picks it.
import type { JournalReader, JournalStore } from '../journal/journal.ts'
import type { Language } from '../model/language.ts'
import type { ShowFiles } from '../model/rendered-files.ts'
import type { Executor } from '../runner/executor.ts'
import type { Runner, RunnerEvents } from '../runner/runner.ts'
import type { Clock } from './clock.ts'
import type { ControlPort } from './control-port.ts'
import type { Rehearse } from './rehearsing.ts'

export interface SiteParts {
  store: JournalStore
  language: Language
  clock: Clock
  /** Blobs are those of the journal: what was committed, whatever the files say by now. */
  makeRunner(blob: JournalReader['blob'], events: RunnerEvents, where?: Aside): Promise<Runner>
  makeExecutor(notice: (node: string, message: string) => void, where?: Aside): Promise<Executor>
  /** Who works here, for whoever finds the site busy. */
  holder: { pid: number; host: string; what: string }
  /** How other processes reach this one while it works; without one they find it busy. */
  control?: ControlPort
  /** Renders the files of a node-role for people; where absent, nobody is shown any. */
  showFiles?: ShowFiles
  /** Rehearses what the journal says now without keeping this thread. */
  rehearseAside?: Rehearse
}

/** Beside others that may be at work on the same nodes: it ends nothing of theirs. */
export type Aside = 'aside'
