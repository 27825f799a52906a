// The guides tell the truth: their examples load, and every key of the formats is named in them.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { loadSite } from '../../src/content/load-site.ts'
import { PACKAGE_FORMAT } from '../../src/content/package-format.ts'
import { ROLE_FORMAT, SCHEMA_KEYWORDS } from '../../src/content/role-format.ts'
import { loadServerSettings } from '../../src/content/load-server.ts'
import { SERVER_FORMAT } from '../../src/content/server-format.ts'
import { SITE_FORMAT } from '../../src/content/site-format.ts'

const guides = ['site.md', 'roles.md'].map((name) =>
  fileURLToPath(new URL(`../../docs/guide/${name}`, import.meta.url)),
)

test('the examples of both guides are one site that loads', async () => {
  const site = await mkdtemp(join(tmpdir(), 'anneal-guide-'))
  onTestFinished(() => rm(site, { recursive: true }))
  const files = (await Promise.all(guides.map(examples))).flat()
  for (const { path, text } of files) {
    await mkdir(dirname(join(site, path)), { recursive: true })
    await writeFile(join(site, path), text)
  }
  expect(files.map(({ path }) => path)).toContain('anneal.yaml')
  const loaded = await loadSite(site)
  expect(loaded).toMatchObject({ ok: true, warnings: [] })
  if (!loaded.ok) return
  expect(Object.keys(loaded.site.roles)).toEqual(['motd', 'web'])
  expect(Object.keys(loaded.site.nodes)).toEqual(['web-1', 'web-2', 'db-1', 'lab-1'])
})

test.each(['access.md', 'metrics.md', 'database.md'])(
  'settings of a server in %s load as they stand',
  async (name) => {
    const guide = fileURLToPath(new URL(`../../docs/guide/${name}`, import.meta.url))
    const settings = (await examples(guide)).filter(({ path }) => path === 'server.yaml')
    expect(settings).not.toEqual([])
    for (const { text } of settings) {
      const dir = await mkdtemp(join(tmpdir(), 'anneal-guide-'))
      await writeFile(join(dir, 'server.yaml'), text)
      expect(await loadServerSettings(dir)).toMatchObject({ ok: true })
      await rm(dir, { recursive: true })
    }
  },
)

test.each([
  ['site.md', SITE_FORMAT],
  ['roles.md', PACKAGE_FORMAT],
  ['roles.md', ROLE_FORMAT],
  ['access.md', SERVER_FORMAT],
])('%s names every key of its format', async (name, format) => {
  const text = await readFile(fileURLToPath(new URL(`../../docs/guide/${name}`, import.meta.url)), 'utf8')
  const schemaWords: readonly string[] = SCHEMA_KEYWORDS
  const keys = keysOf(format as Schema).filter((key) => !schemaWords.includes(key))
  const named = new Set(text.match(/[a-z_]+/g))
  expect(keys.filter((key) => !named.has(key))).toEqual([])
})

/** Fenced blocks whose first line is a comment with a path; the line names the file and is not part of it. */
async function examples(guide: string): Promise<{ path: string; text: string }[]> {
  const text = await readFile(guide, 'utf8')
  return [...text.matchAll(/^```(\w+)\n# ([\w./-]+)\n([\s\S]*?)^```$/gm)].map(([, , path, body]) => ({
    path: path as string,
    text: body as string,
  }))
}

interface Schema {
  properties?: Record<string, Schema>
  additionalProperties?: Schema | false
  items?: Schema
  anyOf?: Schema[]
}

function keysOf(schema: Schema): string[] {
  const parts = [schema.additionalProperties, schema.items, ...(schema.anyOf ?? [])].filter((part) => !!part)
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, part]) => [key, ...keysOf(part)])
  return [...new Set([...own, ...parts.flatMap(keysOf)])]
}
