// A change goes to few real hosts first: a bad one meets one member of a cluster, or one machine of each variant.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWriter } from './etcd-writer.ts'
import { type LabSite, labSite, type Run } from './lab-site.ts'

const LONG_MS = 600_000
const EXAMPLE = join(import.meta.dirname, '../../examples/etcd/anneal.yaml')

describe('five members of a cluster', { timeout: LONG_MS }, () => {
  const FIVE = ['etcd-1', 'etcd-2', 'etcd-3', 'etcd-4', 'etcd-5']
  let site: LabSite

  beforeAll(async () => {
    site = labSite('rollout-etcd', readFileSync(EXAMPLE, 'utf8'), ['etcd'])
    site.edit('- role: etcd\n', '- role: etcd\n        rollout: { probe: 1, then: [50%] }\n')
    await site.hosts(FIVE)
    const { code, said } = await site.up()
    expect(code, said).toBe(0)
  }, 600_000)
  afterAll(() => site.end(), LONG_MS)

  test('take a setting in steps of one, two and two, while a writer loses nothing', async () => {
    const writer = await startWriter(site.lab, FIVE, 'tuned-')
    site.edit('heartbeat_interval_ms: 100', 'heartbeat_interval_ms: 150')
    const { code, runs, said } = await site.up()
    const tally = await writer.stop()

    expect(code, said).toBe(0)
    expect(said).toContain('in steps: 1, 3, 5 nodes')
    expect(nodesOf(runs)).toEqual(FIVE)
    expect(tally).toMatchObject({ acknowledged: tally.put, lost: [] })
  })

  test('are left alone, all but the first, by a setting that etcd refuses; going back brings rest', async () => {
    const others = FIVE.slice(1)
    const before = await starts(site, others)
    const writer = await startWriter(site.lab, FIVE, 'refused-')
    // etcd wants five heartbeats before it elects.
    site.edit('heartbeat_interval_ms: 150', 'heartbeat_interval_ms: 400')
    const failed = await site.up()
    const tally = await writer.stop()

    expect(failed.code, failed.said).toBe(3)
    expect([...new Set(nodesOf(failed.runs))]).toEqual(['etcd-1'])
    expect(await starts(site, others)).toEqual(before)
    expect(tally).toMatchObject({ acknowledged: tally.put, lost: [] })

    const why = await site.anneal('why', 'etcd-4/etcd')
    expect(why.stdout).toContain('it waits for step 2 of 3 of the rollout of etcd')
    expect(why.stdout).toContain('store/etcd-1/etcd has failed with it')
    expect(why.stdout).toMatch(/store\/etcd-1\/etcd\s+error/)
    expect((await site.anneal('status')).stdout).toMatch(/rollout-\d+\s+store\/etcd\s+all alike\s+1 of 5/)

    expect((await site.anneal('rollback', '2')).code).toBe(2)
    const back = await site.anneal('commit', '--yes')
    expect(back.code, back.stderr).toBe(0)
    expect(nodesOf(await site.newRuns())).toEqual(['etcd-1'])
    expect(await starts(site, others)).toEqual(before)
    const health = await site.on('etcd-5', '. /etc/etcd/etcdctl.env; etcdctl endpoint health --cluster 2>&1')
    expect(health.match(/is healthy/g)).toHaveLength(5)
  })
})

describe('twelve machines of three variants', { timeout: LONG_MS }, () => {
  const ZONES = { a: 'Europe/Berlin', b: 'America/Lima', c: 'Asia/Tokyo' }
  const HOSTS = Object.keys(ZONES).flatMap((letter) => [1, 2, 3, 4].map((number) => `${letter}${number}`))
  let site: LabSite

  beforeAll(async () => {
    site = labSite('rollout-variants', SITE)
    writePackage(site.directory)
    await site.hosts(HOSTS)
    for (const host of HOSTS) {
      const zone = ZONES[host[0] as keyof typeof ZONES]
      await site.on(host, `ln -sf /usr/share/zoneinfo/${zone} /etc/localtime; echo ${zone} >/etc/timezone`)
    }
    const { code, said } = await site.up()
    expect(code, said).toBe(0)
  }, 600_000)
  afterAll(() => site.end(), LONG_MS)

  test('get a change variant by variant, and the one whose first machine fails is held after it', async () => {
    site.edit('greeting: hello', 'greeting: good day')
    const { code, runs, said } = await site.up()
    expect(code, said).toBe(3)
    const done = HOSTS.filter((host) => !host.startsWith('b'))
    expect([...new Set(nodesOf(runs))]).toEqual([...done, 'b1'].sort())
    for (const host of done) expect(await site.on(host, 'cat /etc/greeting')).toBe('good day')
    for (const host of ['b2', 'b3', 'b4']) expect(await site.on(host, 'cat /etc/greeting')).toBe('hello')
    const status = await site.anneal('status')
    expect(status.stdout).toMatch(/timezone=America\/Lima\s+1 of 4\s+all\/b1\/greeting has failed with it/)
    const why = await site.anneal('why', 'b3/greeting')
    expect(why.stdout).toContain('nobody says good day in Lima')
  })

  test('go on all the same on a person’s word for that variant, which is kept', async () => {
    const only = ['--variant', 'timezone=America/Lima']
    const approved = await site.anneal('approve', 'all/greeting', ...only, '-m', 'they will learn it')
    expect(approved.code).toBe(3)
    expect(nodesOf(await site.newRuns())).toEqual(['b2', 'b3', 'b4'])
  })

  test('take a mended change from the machine on which it failed', async () => {
    site.edit('greeting: good day', 'greeting: buenos dias')
    const { code, runs, said } = await site.up()
    expect(code, said).toBe(0)
    expect(nodesOf(runs)).toEqual(HOSTS)
  })
})

const SITE = `site: greetings
packages: [./packages/*]
nodes: { from: nodes.yaml }
deployments:
  all:
    nodes: "true"
    roles:
      - role: greeting
        values: { greeting: hello }
        rollout: { probe: 1 }
`

function writePackage(directory: string): void {
  const roles = join(directory, 'packages/greetings/roles')
  mkdirSync(roles, { recursive: true })
  writeFileSync(join(roles, '../package.yaml'), 'name: greetings\nversion: "1.0.0"\n')
  writeFileSync(
    join(roles, 'greeting.yaml'),
    `role: greeting
inputs:
  greeting: { type: string }
  timezone: { fact: timezone, type: string }
retry: { attempts: 1 }
apply:
  run: |
    case "$ANNEAL_INPUT_TIMEZONE:$ANNEAL_INPUT_GREETING" in
      America/Lima:good*) echo 'nobody says good day in Lima' >&2; exit 1 ;;
    esac
    printf '%s\\n' "$ANNEAL_INPUT_GREETING" >/etc/greeting
    echo changed=true >>"$ANNEAL_OUTPUTS"
`,
  )
}

function nodesOf(runs: readonly Run[]): string[] {
  return runs.map(({ nodeRole }) => nodeRole.split('/')[1] ?? '').sort()
}

/** Which start of its etcd each node is at. */
function starts(site: LabSite, nodes: readonly string[]): Promise<string[]> {
  return Promise.all(nodes.map((node) => site.on(node, 'systemctl show -p InvocationID --value etcd')))
}
