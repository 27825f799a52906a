// The roof over reading a site: as it was read last where nothing is another one, else anew.
import type { CliWorld } from './cli/world.ts'
import { KeptReading } from './content/kept-reading.ts'
import { BUILD, SHIPPED_PACKAGES, stateOf, VERSION } from './wire-home.ts'

export const loadSite: CliWorld['loadSite'] = async (directory) => {
  const kept = BUILD === undefined ? undefined : new KeptReading(stateOf(directory), `${BUILD} ${directory}`)
  const again = kept?.again()
  if (again) return { ok: true, ...again, warnings: [] }
  const { loadSite: load } = await import('./content/load-site.ts')
  const { KnownToFit } = await import('./content/known-to-fit.ts')
  const { Looks } = await import('./content/looks.ts')
  const known = new KnownToFit(stateOf(directory), BUILD ?? VERSION)
  const looks = new Looks()
  const loaded = await load(directory, { shippedPackages: SHIPPED_PACKAGES, known, looks })
  if (loaded.ok && loaded.warnings.length === 0 && kept?.keep(loaded, looks) === false)
    // The command itself may make the directory.
    process.once('exit', () => {
      known.keep()
      kept.keep(loaded, looks)
    })
  return loaded
}
