// Where code is kept as V8 compiled it: the user's own folder, as what stands there is run, and the one that Node would take belongs to everybody.

/** Absolute; it need not be there. */
export function compileCache() {
  const { XDG_CACHE_HOME: told } = process.env
  const caches = told?.startsWith('/') ? told : `${process.getBuiltinModule('node:os').homedir()}/.cache`
  return `${caches}/anneal/compiled`
}
