// The world out of a journal: the newest snapshot that fits, and the events after it.
import { replay, settle } from '../annealer/turn.ts'
import { restoreSnapshot, SNAPSHOT_VERSION } from '../annealer/snapshot.ts'
import { newWorld, type World } from '../annealer/world.ts'
import type { JournalReader } from '../journal/journal.ts'
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
  const fits = snapshot?.version === SNAPSHOT_VERSION
  const world = fits ? restoreSnapshot(snapshot.state, language) : newWorld(language)
  const from = fits ? snapshot.seq : 0
  const seq = await catchUp(journal, world, from)
  return { world, seq, sinceSnapshot: seq - from }
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
