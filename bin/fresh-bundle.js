// Finds the bundle of the program where it was made of the sources as they are now: a stale one is never used.

/** Not as imports, which load all of them, and what they load late. */
const { readFileSync, statSync } = process.getBuiltinModule('node:fs')

/** The file to start by, or undefined. `exactly`: of files that nobody has even touched since. */
export function freshBundle(home, exactly = false) {
  const made = madeOf(`${home}/dist/made.json`)
  if (made === undefined || !areAsTheyWere(home, made.inputs, exactly)) return undefined
  return `${home}/dist/${made.build}/main.js`
}

function madeOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * By their times and sizes; where the time is another one, by its bytes: a checkout there and back changes nothing. There
 * are hundreds, and each start looks at all: a loop, no options, and a fault where one is gone.
 */
function areAsTheyWere(home, inputs, exactly) {
  try {
    for (const input of inputs) {
      const path = `${home}/${input[0]}`
      const { size, mtimeMs } = statSync(path)
      if (size !== input[1]) return false
      if (mtimeMs !== input[2] && (exactly || digestOf(path) !== input[3])) return false
    }
    return true
  } catch (fault) {
    if (fault.code === 'ENOENT' || fault.code === 'ENOTDIR') return false
    throw fault
  }
}

function digestOf(file) {
  const { hash } = process.getBuiltinModule('node:crypto')
  return hash('sha256', readFileSync(file))
}
