// The timeline at the command line, over the real engine and a journal in memory: propose, look, commit, discard, back.
import { expect, test } from 'vitest'
import { makeLanguage } from '../../../src/content/language.ts'
import { siteOperations } from '../../../src/engine/site-operations.ts'
import { memoryJournal } from '../../../src/journal/memory-journal.ts'
import type { Operations } from '../../../src/model/operations.ts'
import type { RunOutcome } from '../../../src/model/run.ts'
import type { Runner, RunnerEvents } from '../../../src/runner/runner.ts'
import { readShortSite, shortSite } from '../../support/short-site.ts'
import { NOW, type Stage, stage } from './stage.ts'

function site(greeting: string, token = 'first'): ReturnType<typeof shortSite> {
  const made = shortSite(
    readShortSite(`
nodes: { n1: , n2: }
roles: { motd: { inputs: { greeting: hello, token: none } } }
deployments: { d: { nodes: "true", roles: [{ role: motd, values: { greeting: ${greeting}, token: ${token} } }] } }`),
  )
  const { token: secret } = made.roles['motd']?.inputs ?? {}
  if (secret) secret.sensitive = true
  return made
}

/** Every run and every contact is well at once. */
function willing(events: RunnerEvents): Runner {
  const ok: RunOutcome = { result: 'ok', changed: true, outputs: {}, filesChanged: [], durationMs: 1 }
  return {
    start: ({ run, token }) =>
      queueMicrotask(() => events.report({ kind: 'reportRun', run, token, outcome: ok })),
    contact: ({ name: node }) =>
      queueMicrotask(() =>
        events.report({ kind: 'reportContact', node, outcome: { result: 'reached', facts: {} } }),
      ),
    check: ({ check, token, node, parts }) => {
      const findings = parts.map(({ nodeRole }) => ({ nodeRole, found: 'asAsked' }) as const)
      const outcome = { result: 'done', findings, durationMs: 1 } as const
      queueMicrotask(() => events.report({ kind: 'reportCheck', check, token, node: node.name, outcome }))
    },
    cancel: () => {},
    close: () => Promise.resolve(),
  }
}

/** One command after the other on the same journal; each with the files as they are then. */
function desk(): (
  files: ReturnType<typeof shortSite>,
  ...argv: string[]
) => Promise<{ on: Stage; code: number }> {
  const store = memoryJournal()
  const operations = (): Operations =>
    siteOperations({
      store,
      language: makeLanguage(),
      clock: { now: () => NOW, wakeAt: () => () => {} },
      makeRunner: (_, events) => Promise.resolve(willing(events)),
      makeExecutor: () => Promise.reject(new Error('nothing is executed here')),
      holder: { pid: 1, host: 'desk', what: 'a test' },
    })
  return async (files, ...argv) => {
    const real = operations()
    const on = stage({
      operations: {
        timeline: () => real.timeline(),
        show: (revision) => real.show(revision),
        propose: (request) => real.propose(request),
        rollback: (...words) => real.rollback(...words),
        discard: (...words) => real.discard(...words),
        commit: (request) => real.commit(request),
        why: (name) => real.why(name),
        close: () => real.close(),
      },
      loaded: { ok: true, site: files, content: new Map(), warnings: [], files: [] },
    })
    return { on, code: await on.run(...argv) }
  }
}

test('a proposal is looked at, committed, left behind, and proposed again', async () => {
  const at = desk()
  const told: string[] = []
  const run = async (files: ReturnType<typeof shortSite>, ...argv: string[]): Promise<void> => {
    const { on, code } = await at(files, ...argv)
    told.push(on.story(code, ...argv))
    expect(on.left()).toEqual([])
  }
  await run(site('one'), 'propose', '-m', 'the first word')
  await run(site('one'), 'commit', '--yes')
  await run(site('one'), 'propose')
  await run(site('two', 'second'), 'propose', '-m', 'another word')
  await run(site('three'), 'propose', '-m', 'a third word')
  await run(site('three'), 'show', '2')
  await run(site('three'), 'show', '2', '--content')
  await run(site('three'), 'commit', '3', '--yes')
  await run(site('three'), 'commit', '2', '--yes')
  await run(site('three'), 'commit', '2', '--yes', '--json')
  await run(site('two'), 'propose')
  await run(site('two'), 'discard', '4')
  await run(site('two'), 'rollback', '1')
  await run(site('two'), 'commit', '--yes')
  await run(site('two'), 'timeline')
  await run(site('two'), 'timeline', '--json')
  await run(site('two'), 'show', '9')
  await run(site('two'), 'rollback', '4')
  await expect(told.join('\n')).toMatchFileSnapshot('golden/timeline.txt')
  expect(told.join('')).not.toMatch(/first"|second/)
})

test('what is rolled back to has its digests back, so that what never changed meanwhile does not run', async () => {
  const at = desk()
  await at(site('one'), 'propose')
  await at(site('one'), 'commit', '--yes')
  for (const word of ['two', 'three', 'one'])
    await at(site(word), 'propose').then(() => at(site(word), 'commit', '--yes'))
  const { on } = await at(site('one'), 'rollback', '1')
  expect(on.story(0)).toContain('nothing to change')
})
