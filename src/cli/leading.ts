// What may stand before a command, as with git: the site, and the server that is asked.

export interface Leading {
  site?: string
  server?: string
  words: readonly string[]
}

/** `anneal -C DIR status`, as with git: the site may stand before the command, and the server that is asked. */
export function leading(argv: readonly string[]): Leading {
  const [first = '', second] = argv
  const [flag = '', value] = first.startsWith('--') ? first.split(/=(.*)/s) : [first]
  const name = LEADING[flag]
  const given = value ?? second
  if (name === undefined || given === undefined) return { words: argv }
  return { [name]: given, ...leading(argv.slice(value === undefined ? 2 : 1)) }
}

/** One that stands there without its value. */
export function isLeading(word: string | undefined): boolean {
  return word !== undefined && Object.hasOwn(LEADING, word)
}

const LEADING: Readonly<Record<string, 'site' | 'server' | undefined>> = {
  '-C': 'site',
  '--site': 'site',
  '--server': 'server',
}
