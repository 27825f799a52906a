// Files of a site and of packages: whatever stands in them, there are faults with a reason, or a site that the heart can place.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { load } from 'js-yaml'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { diffSite } from '../../src/annealer/diff.ts'
import { newWorld } from '../../src/annealer/world.ts'
import type { Json } from '../../src/base/json.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { loadSite } from '../../src/content/load-site.ts'
import { refusalWords } from '../../src/model/words.ts'
import { fuzz, mutated, mutatedValue } from './hostile.ts'

const HOME = fileURLToPath(new URL('../..', import.meta.url))
const ROLLOUT = {
  probe: 1,
  // oxlint-disable-next-line no-thenable -- the site format calls it so
  then: [2, '50%'],
  soak: '1m',
  gate: 'outputs.load < 0.5',
  tolerate: 1,
  dependants: true,
  approve: false,
  variants: 'node.facts.os.id',
}
/** A small site with all that the examples do not have, so that it is made hostile, too. */
const MORE: Record<string, Json> = {
  'anneal.yaml': {
    site: 'more',
    packages: ['./packages/*'],
    nodes: {
      from: ['nodes.yaml'],
      n1: { local: true, labels: { tier: 'a' }, hints: { web: { port: 81 } } },
      n2: { local: true, available: false },
    },
    policies: { on_new_node: 'propose', on_lost_node: 'wait', lost_after: '30s' },
    deployments: {
      base: {
        nodes: 'true',
        drift: { policy: 'report', every: '10m', allow: ['/etc/*'] },
        windows: ['Sat 22:00-04:00 Europe/Berlin'],
        values: { web: { title: 'x' } },
        groups: [{ nodes: "node.labels.tier == 'a'", values: { web: { title: 'y' } } }],
        overrides: { 'n1/web': { port: 82 } },
        roles: ['web'],
      },
      top: {
        parent: 'base',
        nodes: "has(node.labels.tier) && node.labels.tier == 'a'",
        count: 1,
        prefer: 'node.facts.memory.total_bytes > 1024',
        spread: 'node.labels.rack',
        adopt: true,
        roles: [{ role: 'page', count: 1, rollout: ROLLOUT, max_failures: 2, values: { title: 'w' } }],
      },
    },
  },
  'nodes.yaml': { nodes: { n3: { ssh: { host: '10.77.0.13', port: 22, user: 'root' } } } },
  'packages/p/package.yaml': { name: 'p', version: '1.0.0', summary: 'x', defaults: { web: { title: 'z' } } },
  'packages/p/roles/web.yaml': {
    role: 'web',
    summary: 'x',
    provides: ['server'],
    conflicts: ['proxy'],
    inputs: {
      port: { type: 'integer', minimum: 1, maximum: 65_535, default: 80 },
      title: { type: 'string', pattern: '^[a-z]+$', maxLength: 50 },
      address: { fact: 'network.primary.address', default: '::1' },
      tree: { $defs: { t: { items: { $ref: '#/$defs/t' } } }, $ref: '#/$defs/t', default: [[]] },
    },
    outputs: {
      url: { value: "'http://' + inputs.address + ':' + inputs.port" },
      load: { type: 'number', measured: true },
    },
    files: { '/etc/web/conf': { template: 'conf.j2', mode: '0640', owner: 'root', group: 'root' } },
    apply: { run: '#!/bin/sh\necho load=0.1 >>"$ANNEAL_OUTPUTS"\n' },
    check: { run: 'true' },
    remove: { run: 'true' },
    locks: [{ of: 'site', name: 'web', capacity: 2 }],
    retry: { attempts: 3, backoff: '2s' },
    deadline: '5m',
    drift: 'repair',
  },
  'packages/p/roles/page.yaml': {
    role: 'page',
    requires: ['web'],
    after: ['proxy'],
    once: true,
    parallel: true,
    become: false,
    inputs: {
      peers: { from: 'web.url', take: 'map', wait: 1, select: 'value', optional: true, type: 'object' },
      count: { value: 'size(inputs.peers)', sensitive: true },
      title: { type: 'string', default: 'v' },
    },
    outputs: { load: { type: 'number', measured: true } },
    apply: { run: 'true' },
  },
}
const CONF = 'title {{ inputs.title | quote }}\n{% for i in range(inputs.port) %}{{ i }}{% endfor %}\n'

const inventoryOf = (name: string): Json => ({
  nodes: {
    [`${name}-1`]: { ssh: { host: '10.77.0.11', user: 'root' } },
    [`${name}-2`]: { ssh: { host: '10.77.0.12' } },
    [`${name}-3`]: { local: true },
  },
})

let root: string
const files: { site: string; path: string; text: string }[] = []
let language = makeLanguage()

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'anneal-fuzz-'))
  for (const name of ['circles', 'etcd', 'peers', 'more']) {
    const site = join(root, name)
    if (name === 'more') writeMore(site)
    else cpSync(join(HOME, 'examples', name), site, { recursive: true })
    const shipped = name === 'etcd' || name === 'peers' ? ['pki', 'ready', 'etcd'] : []
    for (const each of shipped)
      cpSync(join(HOME, 'packages', each), join(site, 'packages', each), { recursive: true })
    const node = { etcd: 'etcd', peers: 'peer' }[name]
    if (node) writeFileSync(join(site, 'nodes.yaml'), JSON.stringify(inventoryOf(node)))
    const yaml = join(site, 'anneal.yaml')
    const own = readFileSync(yaml, 'utf8').replace(/^packages: .*$/m, (line) =>
      line.replace(/(?<=[[ ])(pki|ready|etcd)\b/g, './packages/$1'),
    )
    writeFileSync(yaml, own)
    for (const path of readdirSync(site, { recursive: true }) as string[])
      if (/\.(yaml|j2|sh)$/.test(path))
        files.push({ site, path, text: readFileSync(join(site, path), 'utf8') })
  }
  for (const site of new Set(files.map((file) => file.site))) {
    const loaded = await loadSite(site, { shippedPackages: join(HOME, 'packages') })
    expect(loaded.ok ? [] : loaded.faults).toEqual([])
  }
})
afterAll(() => rmSync(root, { recursive: true }))

function writeMore(site: string): void {
  mkdirSync(join(site, 'packages/p/roles'), { recursive: true })
  mkdirSync(join(site, 'packages/p/templates'))
  for (const [path, value] of Object.entries(MORE)) writeFileSync(join(site, path), JSON.stringify(value))
  writeFileSync(join(site, 'packages/p/templates/conf.j2'), CONF)
}

test('a file that was written over, in part', async () => {
  // The others take a while to be read.
  const small = fc.constantFrom(...files.keys()).filter((at) => /(circles|more)$/.test(files[at]?.site ?? ''))
  const cases = fc.constant(null).chain(() =>
    fc
      .oneof({ weight: 5, arbitrary: small }, { weight: 1, arbitrary: fc.nat(files.length - 1) })
      .chain((at) => {
        const { text, path } = files[at] as (typeof files)[number]
        return fc.tuple(
          fc.constant(at),
          path.endsWith('.yaml')
            ? fc.oneof(
                mutated([text]),
                mutatedValue(load(text) as Json).map((value) => JSON.stringify(value)),
              )
            : mutated([text]),
        )
      }),
  )
  await fuzz('site and package files', cases, async ([at, text]) => {
    const { site, path, text: original } = files[at] as (typeof files)[number]
    writeFileSync(join(site, path), text)
    try {
      await expectFaultsOrSite(site)
    } finally {
      writeFileSync(join(site, path), original)
    }
  })
})

test('a file that is no file of ours at all', async () => {
  const site = join(root, 'nothing')
  mkdirSync(site)
  await fuzz('anneal.yaml from nothing', mutated(['', 'site: x\n']), async (text) => {
    writeFileSync(join(site, 'anneal.yaml'), text)
    await expectFaultsOrSite(site)
  })
})

async function expectFaultsOrSite(directory: string): Promise<void> {
  const loaded = await loadSite(directory, { shippedPackages: join(HOME, 'packages') })
  const faults = loaded.ok ? loaded.warnings : [...loaded.faults, ...loaded.warnings]
  if (!loaded.ok) expect(loaded.faults.length).toBeGreaterThan(0)
  for (const fault of faults) {
    expect(fault.message.length).toBeGreaterThan(0)
    expect(fault.message.length).toBeLessThan(5_000)
    expect(fault.line).toBeGreaterThan(0)
    expect(relative(directory, join(directory, fault.file))).not.toMatch(/^\.\./)
    expect(dirname(fault.file)).toBeDefined()
  }
  if (!loaded.ok) return
  // What a journal keeps of it is what was read: no number is lost, no key is taken for a prototype.
  const kept = JSON.parse(JSON.stringify(loaded.site)) as typeof loaded.site
  expect(JSON.stringify(kept)).toBe(JSON.stringify(loaded.site))
  expect(kept).toEqual(loaded.site)
  language = makeLanguage()
  const diff = diffSite(newWorld(language), loaded.site, Date.UTC(2026, 0, 1))
  if (!diff.ok) expect(refusalWords(diff.refusal).says.length).toBeGreaterThan(0)
}
