// Loading a site: what counts for a role's digest, hostile things on disk, and that no text makes it throw.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { digestOfBytes } from '../base/digest.ts'
import { loadSite } from './load-site.ts'

let site: string

beforeEach(async () => {
  site = await mkdtemp(join(tmpdir(), 'anneal-site-'))
  await write('anneal.yaml', 'site: demo\npackages: [./packages/*]\n')
  await write('packages/p/package.yaml', 'name: p\nversion: "1.0.0"\n')
  await write('packages/p/roles/web.yaml', role)
  await write('packages/p/scripts/apply.sh', 'echo changed\n')
  await write('packages/p/templates/a.j2', '{{ inputs.port }}\n')
  return () => rm(site, { recursive: true })
})

const role = `role: web
summary: serves
inputs:
  port: { type: integer, default: 80, description: Where it listens. }
files:
  /etc/a: { template: a.j2 }
apply: apply.sh
`

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(site, path)), { recursive: true })
  await writeFile(join(site, path), text)
}

async function webDigest(): Promise<string | undefined> {
  const loaded = await loadSite(site)
  if (!loaded.ok) throw new Error(loaded.faults.map(({ message }) => message).join('\n'))
  return loaded.site.roles['web']?.digest
}

describe('the digest of a role', () => {
  test.each([
    ['a script', 'packages/p/scripts/apply.sh', 'echo other\n'],
    ['a template', 'packages/p/templates/a.j2', 'port {{ inputs.port }}\n'],
    ['a default', 'packages/p/roles/web.yaml', role.replace('80', '81')],
    ['a mode', 'packages/p/roles/web.yaml', role.replace('a.j2', 'a.j2, mode: "0600"')],
    ['who it runs as', 'packages/p/roles/web.yaml', `${role}become: false\n`],
  ])('changes with %s', async (_what, path, text) => {
    const before = await webDigest()
    await write(path, text)
    expect(await webDigest()).not.toBe(before)
  })

  test.each([
    ['the version of the package', 'packages/p/package.yaml', 'name: p\nversion: "1.0.1"\n'],
    ['the summary', 'packages/p/roles/web.yaml', role.replace('serves', 'Serves.')],
    ['a description', 'packages/p/roles/web.yaml', role.replace('Where it listens.', 'A port.')],
    ['the order of keys', 'packages/p/roles/web.yaml', `${role.split('\n').slice(1).join('\n')}role: web\n`],
    ['the place of a script', 'packages/p/roles/web/apply.sh', 'echo changed\n'],
  ])('stays with %s', async (_what, path, text) => {
    const before = await webDigest()
    await write(path, text)
    expect(await webDigest()).toBe(before)
  })
})

test('the content is there by digest, and nothing else is', async () => {
  await write('packages/p/scripts/unused.sh', 'echo\n')
  const loaded = await loadSite(site)
  expect(loaded.ok).toBe(true)
  if (!loaded.ok) return
  const texts = [...loaded.content].map(([digest, bytes]) => {
    expect(digestOfBytes(bytes)).toBe(digest)
    return Buffer.from(bytes).toString()
  })
  expect(texts.sort()).toEqual(['echo changed\n', '{{ inputs.port }}\n'])
})

describe('things on disk that are no files', () => {
  test('a pipe does not hold it up', async () => {
    await rm(join(site, 'packages/p/scripts/apply.sh'))
    execFileSync('mkfifo', [join(site, 'packages/p/scripts/apply.sh')])
    expect(await loadSite(site)).toMatchObject({ ok: false, faults: [{ code: 'notAFile' }] })
  })

  test('a directory, an endless device, a link to itself', async () => {
    await mkdir(join(site, 'packages/p/roles/dir.yaml'))
    await symlink('/dev/zero', join(site, 'packages/p/roles/zero.yaml'))
    await symlink('loop.yaml', join(site, 'packages/p/roles/loop.yaml'))
    const loaded = await loadSite(site)
    expect(loaded.ok ? [] : loaded.faults.map(({ file, code }) => `${file} ${code}`)).toEqual([
      'packages/p/roles/loop.yaml unreadable',
      'packages/p/roles/zero.yaml notAFile',
    ])
  })

  test('a link within the package, and a package that is a link itself, are fine', async () => {
    await symlink('apply.sh', join(site, 'packages/p/scripts/check.sh'))
    await write('packages/p/roles/web.yaml', `${role}check: check.sh\n`)
    await symlink(join(site, 'packages/p'), join(site, 'linked'))
    await write('anneal.yaml', 'site: demo\npackages: [./linked]\n')
    expect((await loadSite(site)).ok).toBe(true)
  })

  test('a huge file is refused without being read', async () => {
    execFileSync('truncate', ['-s', '20G', join(site, 'packages/p/roles/big.yaml')])
    expect(await loadSite(site)).toMatchObject({ ok: false, faults: [{ code: 'tooLarge' }] })
  })
})

test('no text in any file makes it throw', async () => {
  const words = fc.constantFrom(
    'site',
    'role',
    'web',
    'nodes',
    'deployments',
    'inputs',
    'files',
    'apply',
    'from',
    'value',
    ': ',
    '\n',
    '  ',
    '- ',
    '{ ',
    ' }',
    ', ',
    '[',
    ']',
    '"',
    'true',
    '1',
    'a',
    '__proto__',
    '&a ',
    '*a',
    'requires',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 40 }).map((some) => some.join('')),
  )
  const path = fc.constantFrom(
    'anneal.yaml',
    'packages/p/package.yaml',
    'packages/p/roles/web.yaml',
    'packages/p/templates/a.j2',
  )
  await fc.assert(
    fc.asyncProperty(path, text, async (file, content) => {
      await write(file, content)
      const loaded = await loadSite(site)
      if (!loaded.ok) expect(loaded.faults.length).toBeGreaterThan(0)
    }),
    { numRuns: 150 },
  )
})

test('values of any kind arrive as they were written', async () => {
  await write('packages/p/roles/web.yaml', 'role: web\ninputs: { any: { optional: true } }\n')
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)
  await fc.assert(
    fc.asyncProperty(json, async (value) => {
      // JSON is YAML, with every special character escaped.
      const text = JSON.stringify(value).replace(
        /[\u007f-\uffff]/g,
        (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
      await write(
        'anneal.yaml',
        `site: demo\npackages: [./packages/*]\nnodes: { n1: { hints: { web: { any: ${text} } } } }\n`,
      )
      const loaded = await loadSite(site)
      expect(loaded.ok && loaded.site.nodes['n1']?.hints['web']?.['any']).toEqual(value)
    }),
    { numRuns: 100 },
  )
})
