// Where Debian packages come from: what the machine's own apt is told, and nothing else unless it is told nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Mirror = {
  suite: string
  /** One-line style, as sources.list(5) has them. */
  sources: string[]
  /** The machine's apt options that change how packages are fetched, for apt.conf. */
  aptOptions: string[]
}

const LAST_RESORT = { suite: 'bookworm', host: 'http://deb.debian.org/debian' }

/** `etc` and `aptConfig` (what `apt-config dump` says) are arguments so that other machines' can be read in tests. */
export function machineMirror(etc = '/etc', aptConfig = ''): Mirror {
  const suite = codename(etc)
  const sources =
    suite === undefined ? [] : readSources(join(etc, 'apt')).filter((line) => isOfSuite(line, suite))
  if (suite !== undefined && sources.length > 0)
    return { suite, sources, aptOptions: fetchOptions(aptConfig) }
  return {
    suite: LAST_RESORT.suite,
    sources: [`deb ${LAST_RESORT.host} ${LAST_RESORT.suite} main`],
    aptOptions: [],
  }
}

function codename(etc: string): string | undefined {
  const file = join(etc, 'os-release')
  if (!existsSync(file)) return undefined
  return /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(readFileSync(file, 'utf8'))?.[1]
}

function readSources(apt: string): string[] {
  const parts = join(apt, 'sources.list.d')
  const files = [
    join(apt, 'sources.list'),
    ...(existsSync(parts)
      ? readdirSync(parts)
          .sort()
          .map((name) => join(parts, name))
      : []),
  ].filter((file) => existsSync(file))
  return files.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    if (file.endsWith('.sources')) return fromStanzas(text)
    return file.endsWith('.list') ? fromLines(text) : []
  })
}

function fromLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line.startsWith('deb '))
}

/** deb822: stanzas of fields, a field goes on in lines that begin with a blank; comment lines may stand anywhere. */
function fromStanzas(text: string): string[] {
  const bare = text.replace(/^#.*\n?/gm, '')
  return bare.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>()
    for (const [, name, value] of stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields.set((name as string).toLowerCase(), (value as string).trim())
    }
    const words = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '')
    if (!words('types').includes('deb') || /^(no|false)$/i.test(fields.get('enabled') ?? 'yes')) return []
    const signedBy = fields.get('signed-by') ?? ''
    const option = signedBy.startsWith('/') ? `[signed-by=${signedBy}] ` : ''
    return words('uris').flatMap((uri) =>
      words('suites').map((suite) => ['deb', option + uri, suite, ...words('components')].join(' ')),
    )
  })
}

function isOfSuite(line: string, suite: string): boolean {
  const named = /^deb\s+(?:\[[^\]]*\]\s+)?\S+\s+(\S+)/.exec(line)?.[1]
  return named !== undefined && [suite, `${suite}-updates`, `${suite}-security`].includes(named)
}

function fetchOptions(aptConfig: string): string[] {
  return aptConfig
    .split('\n')
    .filter((line) =>
      /^Acquire::(Check-Valid-Until|Check-Date|Retries|https?::(Proxy|Timeout)(::\S+)?) "./i.test(line),
    )
}
