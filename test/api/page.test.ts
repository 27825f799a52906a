// The files of the page: packed for who can unpack them, kept by their digests, and nothing else of the disk.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPage } from '../../src/api/page-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'anneal-page-'))
mkdirSync(join(folder, 'dist', 'assets'), { recursive: true })
writeFileSync(join(folder, 'secret.js'), 'not for browsers')
writeFileSync(join(folder, 'dist', 'index.html'), '<!doctype html><p>the page</p>')
writeFileSync(join(folder, 'dist', 'assets', 'a-1.js'), 'let a = 1')
writeFileSync(join(folder, 'dist', '.built'), 'a mark')
afterAll(() => rmSync(folder, { recursive: true }))

const BROWSER = { accept: 'text/html,*/*' }

async function ask(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Response | undefined> {
  const page = await readPage(join(folder, 'dist'))
  return page?.(path, new Request(`http://here${path}`, { method, headers }))
}

test('any address within the page is its document, for a browser alone', async () => {
  expect(await (await ask('/nodes/n1.lab', BROWSER))?.text()).toContain('the page')
  expect((await ask('/', BROWSER))?.headers.get('cache-control')).toBe('no-cache')
  expect(await ask('/nothing')).toBeUndefined()
  expect(await ask('/assets/gone.js', BROWSER)).toBeUndefined()
})

test('what has its digest in its name is kept for good, and is packed for who can unpack it', async () => {
  const plain = await ask('/assets/a-1.js')
  expect(await plain?.text()).toBe('let a = 1')
  expect(plain?.headers.get('cache-control')).toContain('immutable')
  const packed = await ask('/assets/a-1.js', { 'accept-encoding': 'gzip, br' })
  expect(packed?.headers.get('content-encoding')).toBe('gzip')
  const etag = plain?.headers.get('etag') as string
  expect((await ask('/assets/a-1.js', { 'if-none-match': etag }))?.status).toBe(304)
  expect(await (await ask('/assets/a-1.js', {}, 'HEAD'))?.text()).toBe('')
})

test('nothing but its files, whatever the address says', async () => {
  for (const path of ['/../secret.js', '/assets/../../secret.js', '/%2e%2e/secret.js', '/.built']) {
    const page = await readPage(join(folder, 'dist'))
    expect(await page?.(path, new Request('http://here/', { headers: { accept: '*/*' } }))).toBeUndefined()
  }
})

test('a page that was not built is none', async () => {
  expect(await readPage(join(folder, 'nowhere'))).toBeUndefined()
})
