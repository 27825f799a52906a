// What a command costs that does not depend on the machine: modules that it loads, questions to a server, bytes of the answer.
import { execFile } from 'node:child_process'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { viewStatus } from '../../src/annealer/view.ts'
import { httpOperations } from '../../src/client/http-operations.ts'
import { testApi } from '../support/api.ts'
import { siteDir } from '../support/site-dir.ts'

const HOME = join(import.meta.dirname, '..', '..')

test('what needs no site loads no more than its own words', async () => {
  for (const line of [['--version'], ['--help']]) {
    const { own, npm } = await loadedBy(line)
    expect(own.length, own.join(' ')).toBeLessThanOrEqual(12)
    expect(npm).toEqual([])
  }
})

test('a question to a site in this process loads nothing of what carries out', async () => {
  const site = siteDir()
  onTestFinished(() => site.end())
  const apply = { run: 'exit 0' }
  site.make({
    roles: { r: { inputs: { a: { type: 'integer', minimum: 1, default: 2 } }, apply } },
  })
  const { directory } = site
  expect((await site.anneal('propose')).said).toContain('revision 1')
  const { own, npm, stdout } = await loadedBy(['status', '-C', directory])
  expect(stdout).toContain('nothing committed yet')
  expect(own.length, own.join(' ')).toBeLessThanOrEqual(230)
  const rooms = new Set(own.map((path) => path.split('/')[1]))
  for (const room of ['runner', 'transports', 'drivers', 'rehearsal', 'api', 'client', 'observe', 'lab'])
    expect(rooms).not.toContain(room)
  expect(npm).toEqual(['@stricli/core'])
})

test('the status of a large site is one question and an answer of its notable node-roles', async () => {
  const nodes = Array.from({ length: 400 }, (_, index) => `n${index}:`).join(', ')
  const api = await testApi(
    `
nodes: { ${nodes} }
roles: { a: {}, b: { requires: [a] }, c: { requires: [b], inputs: { x: { fact: absent } } } }
deployments: { d: { nodes: "true", roles: [a, b, c] } }
`,
  )
  onTestFinished(() => api.close())
  const site = siteDir()
  onTestFinished(() => site.end())
  site.make({ roles: {} })
  const operations = httpOperations({ url: api.url, by: 'ann' })
  const asked = countAsked()
  const short = await operations.status(30)
  expect(asked).toMatchObject({ questions: 1 })
  expect(asked.bytes).toBeLessThan(20_000)
  const here = await api.serving.ask((world) => ({ ok: true, value: viewStatus(world, 30) }) as const)
  expect(short).toEqual(here)
  expect(short).toMatchObject({ ok: true, value: { hidden: 370 } })

  const whole = await operations.status()
  expect(whole.ok && whole.value.nodeRoles).toHaveLength(1_200)

  const { own, npm, stdout } = await loadedBy(['--server', api.url, 'status', '-C', site.directory])
  expect(stdout).toContain('and 370 more: anneal status --all')
  expect(own.length, own.join(' ')).toBeLessThanOrEqual(90)
  const rooms = new Set(own.map((path) => path.split('/')[1]))
  for (const room of ['annealer', 'journal', 'engine', 'content', 'secrets'])
    expect(rooms).not.toContain(room)
  expect(npm).toEqual(['@stricli/core'])
})

function countAsked(): { questions: number; bytes: number } {
  const asked = { questions: 0, bytes: 0 }
  const real = globalThis.fetch
  globalThis.fetch = async (...args) => {
    asked.questions++
    const response = await real(...args)
    asked.bytes += (await response.clone().arrayBuffer()).byteLength
    return response
  }
  onTestFinished(() => void (globalThis.fetch = real))
  return asked
}

interface Loaded {
  own: string[]
  npm: string[]
  stdout: string
}

/** From the sources, whether or not there is a bundle. Whatever it ends with: who looks at a site that is not ready gets another exit code than 0. */
async function loadedBy(line: readonly string[]): Promise<Loaded> {
  const counting = join(HOME, 'test', 'support', 'count-modules.ts')
  const args = ['--import', counting, join(HOME, 'src', 'main.ts'), ...line]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args).catch(
    (ended: { stdout: string; stderr: string }) => ended,
  )
  const all = JSON.parse(stderr.trim().split('\n').at(-1) ?? '[]') as string[]
  const own: string[] = []
  const npm = new Set<string>()
  for (const path of all) {
    const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]
    if (name !== undefined) npm.add(name)
    else own.push(relative(HOME, path))
  }
  return { own, npm: [...npm].sort(), stdout }
}
