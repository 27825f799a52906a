// Access at the command line, over the real engine and a journal in memory: tokens, changes by two people, who did what.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeLanguage } from '../../../src/content/language.ts'
import { siteOperations } from '../../../src/engine/site-operations.ts'
import { memoryJournal } from '../../../src/journal/memory-journal.ts'
import { answer, refuse } from '../../../src/model/refusal.ts'
import { instantRunner } from '../../support/instant-runner.ts'
import { readShortSite, shortSite } from '../../support/short-site.ts'
import { NOW, stage } from './stage.ts'

type Site = ReturnType<typeof shortSite>

function site(greeting: string): Site {
  const made = shortSite(
    readShortSite(`
nodes: { n1: }
roles: { motd: { inputs: { greeting: hello } } }
deployments: { store: { nodes: "true", roles: [{ role: motd, values: { greeting: ${greeting} } }] } }`),
  )
  made.policies = { fourEyes: true }
  return made
}

/** One command after the other on the same journal, by whoever is named; all of it as one story. */
function desk(): { as: (user: string, files: Site, ...argv: string[]) => Promise<number>; told: string[] } {
  const store = memoryJournal()
  const told: string[] = []
  return {
    told,
    async as(user, files, ...argv) {
      const real = siteOperations({
        store,
        language: makeLanguage(),
        clock: { now: () => NOW, wakeAt: () => () => {} },
        makeRunner: (_, events) => Promise.resolve(instantRunner((one) => events.report(one))),
        makeExecutor: () => Promise.reject(new Error('nothing is executed here')),
        rehearseAside: () => Promise.reject(new Error('nothing is rehearsed here')),
        holder: { pid: 1, host: 'desk', what: 'a test' },
      })
      const on = stage({ loaded: { ok: true, site: files, content: new Map(), warnings: [], files: [] } })
      on.world.user = user
      on.world.openOperations = () => Promise.resolve(answer(real))
      const code = await on.run(...argv)
      told.push(on.story(code, ...argv).replace('$ anneal', `${user}$ anneal`))
      expect(on.left()).toEqual([])
      return code
    },
  }
}

test('what one proposed another commits', async () => {
  const { as, told } = desk()
  expect(await as('ada@desk', site('one'), 'up', '--yes')).toBe(4)
  expect(await as('ada@desk', site('one'), 'up', '--yes')).toBe(4)
  expect(await as('ada@desk', site('one'), 'commit', '1', '--yes')).toBe(4)
  expect(await as('bob@desk', site('one'), 'commit', '1', '--yes')).toBe(0)
  await as('bob@desk', site('two'), 'propose')
  expect(await as('bob@desk', site('two'), 'up', '--yes', '--json')).toBe(4)
  expect(await as('ada@desk', site('two'), 'up', '--yes')).toBe(0)
  await as('ada@desk', site('two'), 'rollback', '1')
  expect(await as('ada@desk', site('two'), 'commit', '--yes')).toBe(4)
  await as('ada@desk', site('two'), 'timeline')
  await expect(told.join('\n')).toMatchFileSnapshot('golden/four-eyes.txt')
})

test('tokens, and who did what', async () => {
  const { as, told } = desk()
  await as('ada@desk', site('one'), 'propose')
  await as('bob@desk', site('one'), 'commit', '--yes')
  await as('ada@desk', site('one'), 'token', 'list')
  const wanted = ['--role', 'operator', '--deployment', 'store', '--expires', '30d', '--why', 'the build']
  await as('ada@desk', site('one'), 'token', 'create', 'ci', ...wanted)
  await as('ada@desk', site('one'), 'token', 'create', 'ci', '--role', 'viewer')
  await as('ada@desk', site('one'), 'token', 'create', 'x', '--role', 'viewer', '--deployment', 'stroe')
  await as('ada@desk', site('one'), 'token', 'create', 'x', '--role', 'oprator')
  await as('ada@desk', site('one'), 'token', 'create', 'x', '--role', 'viewer', '--expires', 'soon')
  await as('ada@desk', site('one'), 'token', 'create', 'Not A Name', '--role', 'viewer')
  await as(
    'ada@desk',
    site('one'),
    'token',
    'create',
    'keep',
    '--role',
    'admin',
    '--expires',
    'never',
    '--json',
  )
  await as('ada@desk', site('one'), 'token', 'list')
  await as('bob@desk', site('one'), 'token', 'revoke', 'cy', '--why', 'it leaked')
  await as('bob@desk', site('one'), 'token', 'revoke', 'ci', '--why', 'it leaked')
  await as('bob@desk', site('one'), 'token', 'list', '--all')
  await as('bob@desk', site('one'), 'token', 'list', '--json')
  await as('bob@desk', site('one'), 'audit')
  await as('bob@desk', site('one'), 'audit', '--by', 'ada@desk', '-n', '2')
  await as('bob@desk', site('one'), 'audit', 'list', '--by', 'nobody')
  await as('bob@desk', site('one'), 'audit', '--by', 'bob@desk', '--json')
  await expect(told.join('\n')).toMatchFileSnapshot('golden/tokens.txt')
})

const REPORT = {
  id: 'a-journal',
  site: 'demo',
  createdAt: NOW,
  events: 1_204,
  from: NOW - 86_400_000,
  to: NOW,
  entries: 31,
  anchor: `1204:${'ab'.repeat(32)}`,
}

test('the history is verified and exported, and a link to the page is printed', async () => {
  const told: string[] = []
  const run = async (...argv: string[]): Promise<void> => {
    const on = stage()
    writeFileSync(join(on.directory, 'history.ndjson'), '')
    const damaged = refuse<never>({
      code: 'damagedJournal',
      message: 'events 41 to 60 are not what was written',
    })
    on.world.trail = () =>
      Promise.resolve({
        verify: async (anchor) =>
          anchor === undefined || anchor === REPORT.anchor ? answer(REPORT) : damaged,
        verifyExport: () => Promise.resolve(answer(REPORT)),
        async export() {
          return answer(linesOf('{"kind":"journal"}\n', '{"kind":"end"}\n'))
        },
      })
    on.world.signInLink = () =>
      Promise.resolve(answer({ url: 'http://127.0.0.1:7433/auth/link?code=x', endsAt: NOW }))
    const code = await on.run(...argv)
    told.push(on.story(code, ...argv))
    expect(on.left()).toEqual([])
  }
  await run('audit', 'verify')
  await run('audit', 'verify', '--anchor', REPORT.anchor)
  await run('audit', 'verify', '--anchor', `7:${'cd'.repeat(32)}`)
  await run('audit', 'verify', '--anchor', 'seven')
  await run('audit', 'verify', 'history.ndjson', '--json')
  await run('audit', 'export')
  await run('ui')
  await run('ui', '--json')
  const alone = stage()
  told.push(alone.story(await alone.run('ui'), 'ui'))
  await expect(told.join('\n')).toMatchFileSnapshot('golden/audit.txt')
})

async function* linesOf(...lines: string[]): AsyncGenerator<string> {
  yield* lines
}
