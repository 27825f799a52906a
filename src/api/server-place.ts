// Tells the commands of a site's owner where its server is, and gives them the key to it; both for the owner alone.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SERVER_KEY_FILE, SERVER_PLACE_FILE, type ServerPlace } from '../model/server-place.ts'

/** The key first: whoever finds the place finds the key that fits it. */
export function tellPlace(stateDirectory: string, place: ServerPlace, key: string): void {
  mkdirSync(stateDirectory, { recursive: true })
  writeWhole(join(stateDirectory, SERVER_KEY_FILE), `${key}\n`)
  writeWhole(join(stateDirectory, SERVER_PLACE_FILE), `${JSON.stringify(place, null, 2)}\n`)
}

/** Only our own: the next server may have told its place already. */
export function forgetPlace(stateDirectory: string, { instance }: ServerPlace): void {
  const path = join(stateDirectory, SERVER_PLACE_FILE)
  try {
    const told = JSON.parse(readFileSync(path, 'utf8')) as Partial<ServerPlace> | null
    if (told?.instance !== instance) return
  } catch {
    return
  }
  rmSync(path, { force: true })
  rmSync(join(stateDirectory, SERVER_KEY_FILE), { force: true })
}

/** At no moment half of it, and at none for others to read. */
function writeWhole(path: string, text: string): void {
  const half = `${path}.${process.pid}`
  rmSync(half, { force: true })
  writeFileSync(half, text, { mode: 0o600, flag: 'wx' })
  renameSync(half, path)
}
