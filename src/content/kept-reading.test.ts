// What was read once and is read again without reading: only where every look at the disk gives the same, and never with a secret.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KeptReading, type Reading } from './kept-reading.ts'
import { loadSite } from './load-site.ts'
import { Looks } from './looks.ts'

let root: string
let site: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'anneal-kept-'))
  site = join(root, 'site')
  write('site/anneal.yaml', 'site: demo\npackages: [./packages/*, tools]\nnodes: { from: nodes.yaml }\n')
  write(
    'site/nodes.yaml',
    'nodes: { n1: , n2: { local: true } }\n'.replace('n1: ,', 'n1: { labels: { a: b } },'),
  )
  write('site/packages/p/package.yaml', 'name: p\nversion: "1.0.0"\n')
  write('site/packages/p/roles/web.yaml', ROLE)
  write('site/packages/p/scripts/apply.sh', 'echo changed\n')
  write('site/packages/p/templates/a.j2', '{{ inputs.port }}\n')
  write('shipped/tools/package.yaml', 'name: tools\nversion: "1.0.0"\n')
  write('shipped/tools/roles/hammer.yaml', 'role: hammer\nsummary: x\napply: { run: "true" }\n')
  mkdirSync(join(site, '.anneal'))
})
afterEach(() => rmSync(root, { recursive: true }))

const ROLE = `role: web
summary: serves
inputs: { port: { type: integer, default: 80 } }
files: { /etc/a: { template: a.j2 } }
apply: apply.sh
check: { run: 'test -f /etc/a' }
`

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

async function readAndKeep(by = 'one'): Promise<Reading> {
  const looks = new Looks()
  const loaded = await loadSite(site, { shippedPackages: join(root, 'shipped'), looks })
  if (!loaded.ok) throw new Error(loaded.faults.map(({ message }) => message).join('\n'))
  new KeptReading(join(site, '.anneal'), by).keep(loaded, looks)
  const { site: said, content, files } = loaded
  return { site: said, content, files }
}

function textsOf(reading: Reading | undefined): string[] {
  return [...(reading?.content ?? [])]
    .map(([digest, bytes]) => `${digest} ${Buffer.from(bytes).toString()}`)
    .sort()
}

function again(by = 'one'): Reading | undefined {
  return new KeptReading(join(site, '.anneal'), by).again()
}

test('the same files give the same site with the same content, to the same Anneal only', async () => {
  const read = await readAndKeep()
  const kept = again()
  expect(kept?.site).toEqual(read.site)
  expect(kept?.files).toEqual(read.files)
  expect(textsOf(kept)).toEqual(textsOf(read))
  expect(again('two')).toBeUndefined()
  expect(statSync(join(site, '.anneal', 'reading.json')).mode & 0o777).toBe(0o600)
})

/** What another reading would see, and this one must see, too. */
const CHANGES: [string, () => void][] = [
  ['a value', () => write('site/anneal.yaml', `${readFileSync(join(site, 'anneal.yaml'), 'utf8')}# x\n`)],
  ['an inventory', () => write('site/nodes.yaml', 'nodes: {}\n')],
  ['a role', () => write('site/packages/p/roles/web.yaml', ROLE.replace('80', '81'))],
  [
    'a role that is new',
    () => write('site/packages/p/roles/other.yaml', ROLE.replace('role: web', 'role: other')),
  ],
  ['a role that is gone', () => rmSync(join(site, 'packages/p/roles/web.yaml'))],
  ['a script', () => write('site/packages/p/scripts/apply.sh', 'echo other\n')],
  ['a script nearer by', () => write('site/packages/p/roles/web/apply.sh', 'echo changed\n')],
  ['a template', () => write('site/packages/p/templates/a.j2', '{{ inputs.port }} \n')],
  ['a package that is new', () => write('site/packages/q/package.yaml', 'name: q\nversion: "1.0.0"\n')],
  [
    'a shipped role',
    () => write('shipped/tools/roles/hammer.yaml', 'role: hammer\nsummary: y\napply: { run: "true" }\n'),
  ],
  [
    'a file that is now elsewhere',
    () => {
      write('elsewhere', 'echo changed\n')
      rmSync(join(site, 'packages/p/scripts/apply.sh'))
      symlinkSync(join(root, 'elsewhere'), join(site, 'packages/p/scripts/apply.sh'))
    },
  ],
]

test.each(CHANGES)('%s makes it be read again', async (_what, change) => {
  await readAndKeep()
  expect(again()).toBeDefined()
  change()
  expect(again()).toBeUndefined()
})

test('what has nothing to do with the site changes nothing', async () => {
  await readAndKeep()
  write('site/README.md', 'about it\n')
  write('site/packages/p/scripts/unused.sh', 'true\n')
  expect(again()).toBeDefined()
})

test('a secret that stands in the files is kept nowhere else; a word where it is may be', async () => {
  const role = ROLE.replace('default: 80 }', 'default: 80 }, word: { type: string, sensitive: true }')
  write('site/packages/p/roles/web.yaml', role)
  const with_ = (value: string): string =>
    `site: demo\npackages: [./packages/*]\nnodes: { n: }\n`.replace('n: }', 'n: { local: true } }') +
    `deployments: { d: { nodes: "true", values: { web: { word: ${value} } }, roles: [web] } }\n`
  write('site/anneal.yaml', with_('{ secret: { env: WORD } }'))
  await readAndKeep()
  expect(again()).toBeDefined()
  write('site/anneal.yaml', with_('hunter2'))
  await readAndKeep()
  expect(existsSync(join(site, '.anneal', 'reading.json'))).toBe(false)
})
