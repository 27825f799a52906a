// Serving a site: takes the writer's lock, begins one long session, and carries out what many ask on the live world.
import type { World } from '../annealer/world.ts'
import type { JournalReader, JournalWriter } from '../journal/journal.ts'
import type { SiteFiles, SiteNow } from '../model/operations.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { NodeRoleView } from '../model/view.ts'
import type { ControlPort, Listening } from './control-port.ts'
import { controlling } from './controlling.ts'
import { remember, type Remembered } from './memory.ts'
import { PastWorlds } from './past-worlds.ts'
import { refusalOf } from './reading.ts'
import { servedOperations } from './served-operations.ts'
import type { ChangedNodeRole, ServedTurn, Serving } from './serving.ts'
import { openSession, type Session, type Told } from './session.ts'
import type { SiteParts } from './site-parts.ts'

export interface SiteToServe {
  /** What its files say at the start. */
  now: SiteNow
  files: SiteFiles
  by: string
}

/** Refuses as `JournalStore.openWriter` does: two servers of one site would be two writers. */
export async function serveSite(parts: SiteParts, site: SiteToServe): Promise<Answer<Serving>> {
  const opened = await parts.store.openWriter(parts.holder)
  if (!opened.ok) return opened
  const journal = opened.value
  try {
    return await serveOpened(parts, site, journal, await remember(journal, parts.language))
  } catch (error) {
    await journal.close()
    return refuse(refusalOf(error))
  }
}

/** The same with the lock in hand, for which `journal` stands: it is closed with what is served, or when it is refused. */
export async function serveOpened(
  parts: SiteParts,
  site: SiteToServe,
  journal: JournalWriter,
  remembered: Remembered,
): Promise<Answer<Serving>> {
  try {
    const session = openSession({
      ...parts,
      journal,
      remembered,
      by: site.by,
      stays: true,
      serves: true,
      signal: new AbortController().signal,
    })
    const begun = await session.begin()
    const read = begun.ok ? await parts.store.openReader() : begun
    if (!read.ok) {
      await session.close()
      await journal.close()
      return read
    }
    const listening = await listen(session, site.by, parts.control)
    await session.go()
    const staying = session.mover.stay(site.now, site.files).catch(tolerate)
    return answer(servingOf(session, parts, { journal, reader: read.value, listening, staying }))
  } catch (error) {
    await journal.close()
    return refuse(refusalOf(error))
  }
}

interface Held {
  journal: JournalWriter
  reader: JournalReader
  listening: Listening
  /** Until nothing new starts any more, and nothing is in flight. */
  staying: Promise<void>
}

function servingOf(
  session: Session,
  parts: SiteParts,
  { journal, reader, listening, staying }: Held,
): Serving {
  const { engine, world } = session
  const operations = servedOperations(session, parts)
  const over = staying.then(() => operations.execsOver())
  const listeners = new Set<(turn: ServedTurn) => void>()
  // Told once for all who listen.
  session.follow((told) => {
    if (listeners.size === 0) return
    const turn = turnOf(world, told)
    for (const listener of listeners) listener(turn)
  })
  let closing: Promise<void> | undefined
  return {
    operations,
    ask: (question) => engine.look(question),
    head: () => engine.head,
    events: (after) => reader.events(after),
    past: new PastWorlds({
      language: async () => parts.language,
      events: (after) => reader.events(after),
    }),
    blob: (digest) => reader.blob(digest),
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    rest: () => session.mover.settled(),
    async drain(by) {
      session.stop(by)
      await over
    },
    isDraining: () => session.signal.aborted,
    fault: () => engine.fault,
    failed: engine.failed,
    over,
    close: () => (closing ??= close()),
  }

  async function close(): Promise<void> {
    session.stop(parts.holder.what)
    await operations.execsOver('end')
    // What is still in flight then is settled by the next start; nobody waits for it.
    await session.close()
    for (const one of [listening, reader, journal]) await one.close()
  }
}

/** A disk that said no; the engine tells what it said. */
function tolerate(error: unknown): void {
  refusalOf(error)
}

function listen(session: Session, by: string, control: ControlPort | undefined): Promise<Listening> {
  const { obey } = controlling(session, { by, run: () => Promise.reject(new Error('a control is obeyed')) })
  return control?.listen(obey, session.notice) ?? Promise.resolve({ close: async () => {} })
}

export function turnOf(world: World, { made, head, feed }: Told): ServedTurn {
  const events = made?.events ?? []
  const shown = new Map(
    feed.flatMap((one): [string, NodeRoleView][] =>
      one.kind === 'nodeRole' ? [[one.after.id, one.after]] : [],
    ),
  )
  const changed = [...(made?.changed ?? [])].map(([{ id }, before]): ChangedNodeRole => {
    const after = shown.get(id)
    return { id, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
  })
  return { first: head - events.length + 1, head, at: world.now, events, changed, feed }
}
