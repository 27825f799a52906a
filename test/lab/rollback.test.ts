// Going back after three commits, by the real command line: content lock and files are those of then, bit for bit. The site's
// own files say something else by that time.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type JsonLine, siteDir, type SiteDir } from '../support/site-dir.ts'

let site: SiteDir
beforeEach(() => {
  site = siteDir()
})
afterEach(() => site.end())

function make(text: string, script: string): void {
  const page = {
    inputs: { text: { type: 'string' }, out: { type: 'string' } },
    files: {
      [site.path('file')]: {
        template: 'page.j2',
        owner: String(process.getuid?.()),
        group: String(process.getgid?.()),
      },
    },
    apply: { run: script },
  }
  site.make({ roles: { page }, deployment: { values: { page: { text, out: site.path('page') } } } })
  site.write({ 'packages/p/roles/page/page.j2': `the text is {{ inputs.text }}, ${script.length} long\n` })
}

test('digests, files and content lock are those of the first commit', async () => {
  const steps = [
    ['one', 'printf %s "$ANNEAL_INPUT_TEXT" >"$ANNEAL_INPUT_OUT"'],
    ['two', 'printf %s "$ANNEAL_INPUT_TEXT" >"$ANNEAL_INPUT_OUT"'],
    ['two', 'printf "%s again" "$ANNEAL_INPUT_TEXT" >"$ANNEAL_INPUT_OUT"'],
    ['three', 'printf "%s at last" "$ANNEAL_INPUT_TEXT" >"$ANNEAL_INPUT_OUT"'],
  ] as const
  const written: string[] = []
  for (const [text, script] of steps) {
    make(text, script)
    expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
    written.push(site.read('page') + site.read('file'))
  }
  expect(new Set(written).size).toBe(steps.length)
  expect(await site.anneal('rollback', '1')).toMatchObject({ code: 2 })
  expect(await site.anneal('commit', '--yes')).toMatchObject({ code: 0 })
  expect(site.read('page') + site.read('file')).toBe(written[0])
  expect(await lock(5)).toEqual(await lock(1))
  expect(await lock(4)).not.toEqual(await lock(1))
  expect((await lock(1)).map(({ digest }) => String(digest))).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}$/),
  ])
})

async function lock(revision: number): Promise<JsonLine[]> {
  const { lines } = await site.json('show', String(revision), '--content')
  return lines.filter(({ kind }) => kind === 'content')
}
