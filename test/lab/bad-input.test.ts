// Input that is wrong, given to the real command line: what is said, how it ends, that nothing has changed, and that a mended
// input goes through.
import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { filesOf, type JsonLine, siteDir, type SiteParts } from '../support/site-dir.ts'

const site = siteDir()
const PAGE = site.path('page')

const write = {
  run: 'printf %s "$ANNEAL_INPUT_TEXT" >"$ANNEAL_INPUT_OUT"; echo "size=${#ANNEAL_INPUT_TEXT}" >>"$ANNEAL_OUTPUTS"',
}
const page = {
  inputs: { text: { type: 'string', maxLength: 99 }, out: { type: 'string' } },
  outputs: { size: { type: 'integer' } },
  apply: write,
}
const GOOD: SiteParts = {
  roles: { page },
  deployment: { values: { page: { text: 'hello', out: PAGE } } },
}

beforeAll(async () => {
  site.make(GOOD)
  expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
  expect(site.read('page')).toBe('hello')
})
afterAll(() => site.end())
afterEach(() => site.make(GOOD))

/** Lays other texts over the files of the good site. */
function changed(...changes: [file: string, from: string | RegExp, to: string][]): Record<string, string> {
  const files = filesOf(GOOD)
  for (const [file, from, to] of changes) {
    const before = files[file] ?? ''
    const after = from === '' ? to : before.replace(from, to)
    if (after === before) throw new Error(`${file} does not say ${from}`)
    files[file] = after
  }
  return files
}

const SITE = 'anneal.yaml'
const ROLE = 'packages/p/roles/page.yaml'
const placed = (roles: Record<string, object>, place?: SiteParts['place']): Record<string, string> =>
  filesOf({ ...GOOD, roles: { page, ...roles }, ...(place ? { place } : {}) })

describe('is refused before anything is touched', () => {
  const cases: { what: string; files: () => Record<string, string>; says: RegExp[]; refusal?: string }[] = [
    {
      what: 'YAML that does not parse',
      files: () => changed([SITE, '"site": "e2e",', '"site": "e2e"\n  - nodes']),
      says: [/^anneal\.yaml:\d+:\d+ /m, /^ +> \d+ \|/m],
    },
    { what: 'an empty file', files: () => changed([SITE, '', '\n']), says: [/^anneal\.yaml(:1:1)? /m] },
    {
      what: 'a key that nobody knows',
      files: () => changed([SITE, '"deployments"', '"deployment"']),
      says: [/^anneal\.yaml:\d+:\d+ .*deployment/m, /did you mean deployments\?/],
    },
    {
      what: 'a key that no role has',
      files: () => changed([ROLE, '"outputs"', '"output"']),
      says: [/^packages\/p\/roles\/page\.yaml:\d+:\d+ .*output/m, /did you mean outputs\?/],
    },
    {
      what: 'a value of the wrong type',
      files: () => changed([SITE, '"text": "hello"', '"text": [1]']),
      says: [/^anneal\.yaml:\d+:\d+ .*string/m, /"text": \[1\]/],
    },
    {
      what: 'a value that breaks the schema of its input',
      files: () => changed([SITE, '"text": "hello"', `"text": "${'x'.repeat(100)}"`]),
      says: [/^anneal\.yaml:\d+:\d+ .*99/m],
    },
    {
      what: 'a value for an input that is not there',
      files: () => changed([SITE, '"text": "hello"', '"txet": "hello"']),
      says: [/^anneal\.yaml:\d+:\d+ .*txet/m, /did you mean text\?/],
    },
    {
      what: 'a role that is not there',
      files: () => changed([SITE, /"page"\n/, '"paeg"\n']),
      says: [/^anneal\.yaml:\d+:\d+ .*paeg/m, /did you mean page\?/],
    },
    {
      what: 'a required value that nobody gives',
      files: () => changed([SITE, '"text": "hello",', '']),
      says: [/^anneal\.yaml:\d+:\d+ .*text/m],
    },
    {
      what: 'a node that is not there',
      files: () => changed([SITE, '"values"', '"nodes": ["heer"], "values"']),
      says: [/^anneal\.yaml:\d+:\d+ .*heer/m, /did you mean here\?/],
    },
    {
      what: 'an expression that does not compile',
      files: () => changed([SITE, '"values"', '"nodes": "node.name ==", "values"']),
      says: [/^anneal\.yaml:\d+:\d+ /m],
    },
    {
      what: 'a script that is not there',
      files: () => placed({ other: { apply: 'aply.sh' } }),
      says: [/^packages\/p\/roles\/other\.yaml:\d+:\d+ .*aply\.sh/m],
    },
    {
      what: 'a template that does not parse, with its line',
      files: () => ({
        ...placed({ other: { files: { '/nowhere/x': { template: 'x.j2' } } } }),
        'packages/p/templates/x.j2': 'one\ntwo {{ inputs.\nthree\n',
      }),
      says: [/x\.j2:[23]:\d+ /m, /two \{\{ inputs\./],
    },
    {
      what: 'a template that reads an input that is not there',
      files: () => ({
        ...placed({
          other: { inputs: { text: { default: 1 } }, files: { '/nowhere/x': { template: 'x.j2' } } },
        }),
        'packages/p/templates/x.j2': 'one\n{{ inputs.txet }}\n',
      }),
      says: [/x\.j2:2:11 .*txet/m, /did you mean text\?/],
    },
    {
      what: 'roles that require each other in a circle',
      files: () => placed({ egg: { requires: ['hen'] }, hen: { requires: ['egg'] } }),
      says: [/egg.*hen|hen.*egg/],
    },
    {
      what: 'roles that wait for each other’s outputs',
      files: () =>
        placed({
          egg: { inputs: { of: { from: 'hen.name' } }, outputs: { name: {} }, apply: { run: 'true' } },
          hen: { inputs: { of: { from: 'egg.name' } }, outputs: { name: {} }, apply: { run: 'true' } },
        }),
      says: [/d\/egg waits for d\/hen waits for d\/egg/, /early output/],
      refusal: 'waitsForItself',
    },
    {
      what: 'two roles that conflict on one node',
      files: () => placed({ other: { conflicts: ['page'], apply: { run: 'true' } } }),
      says: [/^anneal\.yaml:\d+:\d+ .*other and page conflict/m, /different nodes/],
    },
    {
      what: 'two roles that conflict on a node that both select by its own means',
      files: () =>
        placed({ other: { conflicts: ['page'], apply: { run: 'true' } } }, [
          { role: 'page', nodes: ['here'] },
          { role: 'other', nodes: "node.name.startsWith('h')" },
        ]),
      says: [/other and page conflict, and both are placed on here/, /look at d\/here\/page, d\/here\/other/],
      refusal: 'conflict',
    },
    {
      what: 'a package that is not there',
      files: () => changed([SITE, '"./packages/*"', '"./packages/*", "etdc"']),
      says: [/^anneal\.yaml:\d+:\d+ .*etdc/m, /did you mean etcd\?/],
    },
  ]
  test.each(cases)('$what', async ({ files, says, refusal }) => {
    const before = site.kept()
    site.write(files())
    const { code, lines, done } = await site.json('up', '--yes')
    expect(code, done.said).toBe(5)
    for (const pattern of says) expect(done.stderr).toMatch(pattern)
    const last = lines.at(-1)
    if (refusal === undefined) {
      expect(lines[0]).toMatchObject({ kind: 'invalid', faults: lines.length - 1 })
      expect(lines.slice(1).every(({ kind, message }) => kind === 'fault' && message)).toBe(true)
      expect(done.stderr).toContain(lines[1]?.['message'])
    } else {
      expect(last).toMatchObject({ kind: 'refusal', refusal: { code: refusal } })
      expect(done.stderr).toContain(last?.['refusal'].message)
    }
    expect(site.kept()).toBe(before)
    expect(site.read('page')).toBe('hello')
    // What is wrong in a file is read by the same code; what only placing can tell is not.
    if (refusal !== undefined) expect(await site.anneal('validate')).toMatchObject({ code: 5 })
  })

  test('what was mended goes through', async () => {
    site.write(changed([SITE, '"text": "hello"', '"text": "mended"']))
    expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
    expect(site.read('page')).toBe('mended')
  })
})

test.each(['d/here/paeg', 'here/paeg', 'heer/page', 'paeg'])(
  'a name that nothing bears: %s',
  async (name) => {
    const { code, stderr } = await site.anneal('why', name)
    expect(code).toBe(5)
    expect(stderr).toMatch(`there is no node-role ${name}`)
    expect(stderr).toMatch('did you mean d/here/page?')
  },
)

describe('shows only when it runs: the node-role is in error, all else goes on', () => {
  const cases: {
    what: string
    role: object
    more?: Record<string, string>
    says: RegExp
    attempts?: number
  }[] = [
    {
      what: 'an output that breaks its schema',
      role: { outputs: { size: { type: 'integer' } }, apply: { run: 'echo size=many >>"$ANNEAL_OUTPUTS"' } },
      says: /size is "many"; expected integer/,
    },
    {
      what: 'an output that is not told',
      role: { outputs: { size: { type: 'integer' } }, apply: { run: 'true' } },
      says: /size/,
    },
    {
      what: 'an output that nobody declared',
      role: { apply: { run: 'echo size=1 >>"$ANNEAL_OUTPUTS"' } },
      says: /size.*declare|declare.*size|no output size/,
    },
    {
      what: 'a template that reads what is not there, with its line',
      role: {
        inputs: { conf: { type: 'object', default: {} } },
        files: { [site.path('never')]: { template: 'x.j2' } },
        apply: { run: 'true' },
      },
      more: { 'packages/p/templates/x.j2': 'one\ntwo\n{{ inputs.conf.port + 1 }}\n' },
      says: /x\.j2:3\b|x\.j2.*line 3/,
    },
    {
      what: 'a script whose interpreter is not there',
      role: { apply: { run: '#!/nowhere/python\nprint()' } },
      says: /\/nowhere\/python/,
      attempts: 2,
    },
    {
      what: 'a script that fails, with its last words',
      role: { apply: { run: 'echo mounting >&2; echo no such disk >&2; exit 32' } },
      says: /exit code 32: no such disk/,
      attempts: 2,
    },
  ]
  test.each(cases)('$what', async ({ role, more, says, attempts = 1 }) => {
    const other = { retry: { attempts: 2, backoff: '1ms' }, ...role }
    site.write({ ...placed({ other, after: { requires: ['other'], apply: { run: 'false' } } }), ...more })
    const { code, lines, done } = await site.json('up', '--yes')
    expect(code, done.said).toBe(3)
    const result = lines.at(-1)
    expect(result).toMatchObject({ kind: 'result', outcome: 'atRestWithProblems', failed: attempts })
    expect(result?.['problems']).toMatchObject([
      { id: 'd/here/after', state: 'blocked', reason: { kind: 'requirement', nodeRole: 'd/here/other' } },
      { id: 'd/here/other', state: 'error', reason: { kind: 'failed', attempts } },
    ])
    const reason = (result as JsonLine)['problems'][1].reason
    expect(reason.message).toMatch(says)

    const why = await site.anneal('why', 'here/after')
    expect(why).toMatchObject({ code: 0 })
    expect(why.stdout).toContain(reason.message.split('\n')[0])
    for (const line of reason.message.split('\n').slice(1)) {
      expect((await site.anneal('why', 'here/other')).stdout).toContain(`\n    | ${line}\n`)
    }
    expect(await site.json('status')).toMatchObject({
      code: 3,
      lines: expect.arrayContaining([expect.objectContaining({ reason })]),
    })
    expect(existsSync(site.path('never'))).toBe(false)

    site.make({ ...GOOD, roles: { page, other: { apply: { run: 'true' } } } })
    expect(await site.anneal('up', '--yes')).toMatchObject({ code: 0 })
  })
})
