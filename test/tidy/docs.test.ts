// The pages hold: links lead somewhere, YAML parses, and what pages name in the code is there.
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSite } from '../../src/content/load-site.ts'
import { expectNone } from './offenders.ts'
import { reasonsTable } from './sentences.ts'
import { FILES, HOME, isCode, resolved, textOf, under } from './tree.ts'

const pages = FILES.filter((path) => path.endsWith('.md') && !path.includes('node_modules'))

test('links lead to files and headings that are there', () => {
  const broken = pages.flatMap((page) =>
    [...prose(page).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/.test(target)) return []
      const [file = '', heading] = target.split('#')
      const path = file === '' ? page : resolved(page, file).replace(/\/$/, '')
      const isThere = FILES.includes(path) || FILES.some((one) => one.startsWith(`${path}/`))
      if (!isThere) return [`${page}  ${target}`]
      return heading === undefined || headingsOf(path).includes(heading)
        ? []
        : [`${page}  ${target}: no such heading`]
    }),
  )
  expectNone(broken, 'Correct the link, or write the page')
})

test('YAML in the pages parses', () => {
  const broken = pages.flatMap((page) =>
    [...textOf(page).matchAll(/^```ya?ml[^\n]*title=([^\n]*)\n([\s\S]*?)^```$/gm)].flatMap(
      ([, title = '', yaml = '']) => {
        try {
          load(yaml)
          return []
        } catch (error) {
          return [
            `${page}  ${title}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
          ]
        }
      },
    ),
  )
  expectNone(broken, 'Write YAML that can be copied into a file as it stands')
})

test('sites in the guide load as they stand', async () => {
  const wrong: string[] = []
  for (const page of under('docs/guide')) {
    for (const [, yaml = ''] of textOf(page).matchAll(/^```yaml title=anneal\.yaml\n([\s\S]*?)^```$/gm)) {
      // Pieces of a site, and sites with packages or inventories of their own, have files that the page does not show.
      if (!yaml.startsWith('site:') || /\.\/|from:/.test(yaml)) continue
      const directory = mkdtempSync(join(tmpdir(), 'anneal-guide-'))
      writeFileSync(join(directory, 'anneal.yaml'), yaml)
      const loaded = await loadSite(directory, { shippedPackages: join(HOME, 'packages') })
      rmSync(directory, { recursive: true })
      const faults = [...(loaded.ok ? [] : loaded.faults), ...loaded.warnings]
      wrong.push(...faults.map((fault) => `${page}  ${fault.file}:${fault.line}  ${fault.message}`))
    }
  }
  expectNone(wrong, 'Show a site that works')
})

test('files that pages name are there', () => {
  const gone = pages.flatMap((page) =>
    [...prose(page).matchAll(/`((?:src|test|docs|bin|bench|packages|examples|web)\/[\w./-]*)`/g)].flatMap(
      ([, path = '']) => {
        const bare = path.replace(/\/$/, '')
        return FILES.includes(bare) || FILES.some((one) => one.startsWith(`${bare}/`))
          ? []
          : [`${page}  ${path}`]
      },
    ),
  )
  expectNone([...new Set(gone)], 'Name a file that exists')
})

test('names of the code in pages for who carries on are there', () => {
  const words = new Set(
    FILES.filter((path) => isCode(path) || path.endsWith('.sh')).flatMap(
      (path) => textOf(path).match(/[\w$]+/g) ?? [],
    ),
  )
  const gone = [
    'docs/architecture.md',
    'docs/glossary.md',
    'CONTRIBUTING.md',
    ...under('docs/decisions'),
  ].flatMap((page) =>
    [...prose(page).matchAll(/`#?([a-z]\w*)(\(\))?`/gi)].flatMap(([, name = '']) =>
      words.has(name) ? [] : [`${page}  ${name}`],
    ),
  )
  expectNone([...new Set(gone)], 'Use the name that the code has')
})

test('every page of the guide stands in its index', () => {
  const index = textOf('docs/guide/README.md')
  const missing = under('docs/guide').filter(
    (page) => !page.endsWith('README.md') && !index.includes(page.slice('docs/guide/'.length)),
  )
  expectNone(missing, 'Add a line to docs/guide/README.md')
})

test('the sentences in the guide are those that Anneal says', () => {
  const path = join(HOME, 'docs/guide/concepts.md')
  const before = readFileSync(path, 'utf8')
  const after = before.replace(
    /(<!-- reasons -->\n)[\s\S]*?(<!-- end -->)/,
    (_, open: string, end: string) => `${open}\n${reasonsTable()}\n\n${end}`,
  )
  if (process.env['ANNEAL_REWRITE'] === '1') writeFileSync(path, after)
  else expect(before).toBe(after)
  expect(after).toContain(reasonsTable())
})

test('there are pages to look at', () => {
  expect(pages).toContain('README.md')
})

/** Without blocks of code, which are for reading and not for following. */
function prose(page: string): string {
  return textOf(page).replace(/^ {0,3}```[\s\S]*?^ {0,3}```$/gm, '')
}

function headingsOf(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  )
}
