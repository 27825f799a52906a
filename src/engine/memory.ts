// The world out of a journal: the newest snapshot that fits, and the events after it.
import { replay, settle } from '../annealer/turn.ts'
import { Misfit } from '../annealer/asleep.ts'
import { SNAPSHOT_VERSION } from '../annealer/snapshot-shape.ts'
import { restoreSnapshot } from '../annealer/snapshot.ts'
import { newWorld, type World } from '../annealer/world.ts'
import type { JournalReader, Snapshot } from '../journal/journal.ts'
import type { Language } from '../model/language.ts'

export interface Remembered {
  world: World
  /** Sequence number of the last event that the world contains. */
  seq: number
  /** Events after the snapshot that it was made from. */
  sinceSnapshot: number
}

export async function remember(journal: JournalReader, language: Language): Promise<Remembered> {
  const snapshot = await journal.snapshot()
  const restored = snapshot && restoredFrom(snapshot, language)
  const fits = snapshot !== undefined && restored !== undefined
  const world = restored ?? newWorld(language)
  const from = fits ? snapshot.seq : 0
  const seq = await catchUp(journal, world, from)
  return { world, seq, sinceSnapshot: seq - from }
}

function restoredFrom({ version, state }: Snapshot, language: Language): World | undefined {
  if (version !== SNAPSHOT_VERSION) return undefined
  try {
    return restoreSnapshot(state, language)
  } catch (error) {
    // Another version of the language binds otherwise: what was bound then is in the events.
    if (error instanceof Misfit) return undefined
    throw error
  }
}

/** Takes in what came after `seq`; answers the new head. */
export async function catchUp(journal: JournalReader, world: World, seq: number): Promise<number> {
  let head = seq
  for await (const batch of journal.events(seq)) {
    for (const recorded of batch) {
      replay(world, recorded.at, recorded.event)
      head = recorded.seq
    }
  }
  settle(world)
  return head
}
