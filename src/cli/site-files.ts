// The files of a site while `up --stay` stays: looked at every few seconds, read again when something was written.
import type { SiteFiles } from '../model/operations.ts'
import type { Door } from './door.ts'
import type { LoadedSite } from './world.ts'

const EVERY_MS = 2_000

/** `loaded` is what they said when they were read last. */
export function siteFiles(door: Door, directory: string, loaded: LoadedSite): SiteFiles {
  const { world } = door
  let { files } = loaded
  let stamp = world.siteStamp(directory, files)
  return {
    async changed(signal) {
      for (;;) {
        await door.pause(EVERY_MS, signal)
        if (signal.aborted) return new Promise(() => {})
        const now = await world.siteStamp(directory, files)
        if (now === (await stamp)) continue
        stamp = Promise.resolve(now)
        const read = await world.loadSite(directory)
        files = read.files
        if (read.ok) return read
        return { ok: false, message: faulty(read.faults.length, read.faults[0]) }
      }
    },
  }
}

function faulty(count: number, first: { file: string; line: number; message: string } | undefined): string {
  const where = first ? `, the first in ${first.file}:${first.line}: ${first.message}` : ''
  return `the files of the site changed and have ${count} ${count === 1 ? 'fault' : 'faults'}${where}; what was read before stays in force`
}
