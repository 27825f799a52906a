// Finds the bundle of the program where it was made of the sources as they are now: a stale one is never used.

/** Not as imports, which load all of them, and what they load late. */
const { readFileSync, statSync } = process.getBuiltinModule('node:fs')

/** The file to start by, or undefined. `exactly`: of files that nobody has even touched since. */
export function freshBundle(home, exactly = false) {
  const made = madeOf(`${home}/dist/made.json`)
  if (made === undefined || !made.inputs.every((input) => isAsItWas(home, input, exactly))) return undefined
  return `${home}/dist/${made.build}/main.js`
}

function madeOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** By its time and size; where the time is another one, by its bytes: a checkout there and back changes nothing. */
function isAsItWas(home, [path, size, mtimeMs, digest], exactly) {
  const found = statSync(`${home}/${path}`, ABSENT)
  if (found === undefined || found.size !== size) return false
  return found.mtimeMs === mtimeMs || (!exactly && digestOf(`${home}/${path}`) === digest)
}

const ABSENT = { throwIfNoEntry: false }

function digestOf(file) {
  const { hash } = process.getBuiltinModule('node:crypto')
  return hash('sha256', readFileSync(file))
}
