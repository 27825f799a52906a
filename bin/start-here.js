// Starts Anneal in this process: by its bundle where that was made of the sources as they are now, else from the sources.
import { compileCache } from './compile-cache.js'
import { freshBundle } from './fresh-bundle.js'

const home = import.meta.dirname.slice(0, import.meta.dirname.lastIndexOf('/'))

export async function start() {
  process.getBuiltinModule('node:module').enableCompileCache(compileCache())
  const bundle = freshBundle(home)
  if (bundle === undefined) {
    const { shortenImports } = await import('./short-imports.js')
    shortenImports()
    await import('../src/main.ts')
  } else {
    placeTraces(bundle)
    await import(process.getBuiltinModule('node:url').pathToFileURL(bundle).href)
  }
}

/** Traces tell files and lines of the sources; what knows them is loaded when there is a trace to be read. */
function placeTraces(bundle) {
  const folder = bundle.slice(0, bundle.lastIndexOf('/'))
  Error.prepareStackTrace = (error, frames) => {
    const { createRequire } = process.getBuiltinModule('node:module')
    const { placedTrace } = createRequire(import.meta.url)('./placed-trace.js')
    return placedTrace(error, frames, folder)
  }
}
