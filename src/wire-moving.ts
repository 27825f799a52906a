// The roof over journals as a whole: verified, moved, exported and imported where the site says its journal is.
import { rmSync } from 'node:fs'
import type { JournalDoor } from './cli/world.ts'
import { carry, exportWhole, importWhole, verifyWhole } from './journal/moving.ts'
import type { JournalPlace } from './journal/whole.ts'
import { type Answer, answer, refuse } from './model/refusal.ts'
import { HOLDER, stateOf, VERSION } from './wire-home.ts'
import { databaseOf, journalOf, movedFile, noteMoved } from './wire-journal.ts'

/** Where the journal of a site is. */
export async function wholeOf(siteDirectory: string): Promise<Answer<JournalPlace>> {
  const database = await databaseOf(siteDirectory)
  if (!database.ok) return database
  const { value: place } = database
  if (place) {
    const { postgresWhole } = await import('./journal/postgres-whole.ts')
    return answer(postgresWhole(place, VERSION))
  }
  const { sqlitePlace } = await import('./journal/sqlite-place.ts')
  return answer(sqlitePlace(stateOf(siteDirectory), VERSION))
}

export async function journalDoor(siteDirectory: string): Promise<JournalDoor> {
  const found = await wholeOf(siteDirectory)
  if (!found.ok) {
    const no = async (): Promise<Answer<never>> => found
    return { verify: no, export: no, import: no, move: no }
  }
  const here = found.value
  return {
    verify: (anchor) => verifyWhole(here.openWhole, anchor),
    export: () => exportWhole(here.openWhole),
    import: (lines) => importWhole(lines, here, VERSION),
    move: (to) => move(siteDirectory, here, to),
  }
}

async function move(siteDirectory: string, from: JournalPlace, to: string): ReturnType<JournalDoor['move']> {
  const target = await targetOf(siteDirectory, to)
  if (!target.ok) return target
  if (target.value.shown === from.shown)
    return refuse({ code: 'invalidDatabase', message: `the journal is in ${from.shown} already` })
  // A writer would make a journal where there is none.
  const there = await from.openWhole()
  if (!there.ok) return there
  await there.value.close()
  const locked = await (await journalOf(siteDirectory)).openWriter(HOLDER)
  if (!locked.ok) return locked
  try {
    const report = await carry(from, target.value, VERSION)
    if (!report.ok) return report
    await locked.value.close()
    const aside = await from.putAside()
    if (to === 'embedded') rmSync(movedFile(siteDirectory), { force: true })
    else noteMoved(siteDirectory, target.value.shown)
    return answer({ report: report.value, from: from.shown, where: target.value.shown, aside })
  } finally {
    await locked.value.close()
  }
}

async function targetOf(siteDirectory: string, to: string): Promise<Answer<JournalPlace>> {
  if (to === 'embedded') {
    const { sqlitePlace } = await import('./journal/sqlite-place.ts')
    return answer(sqlitePlace(stateOf(siteDirectory), VERSION))
  }
  const { readPlace } = await import('./journal/postgres-place.ts')
  const { postgresWhole } = await import('./journal/postgres-whole.ts')
  const read = readPlace(to)
  return read.ok ? answer(postgresWhole(read.value, VERSION)) : read
}
