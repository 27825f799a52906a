// The life of an etcd cluster on real hosts: founded, tuned under load, grown, shrunk, hurt and healed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { startHost, stopHost } from '../../src/lab/breakage.ts'
import { startWriter } from './etcd-writer.ts'
import { type LabSite, labSite, type Run } from './lab-site.ts'

const LONG_MS = 600_000
const THREE = ['etcd-1', 'etcd-2', 'etcd-3']
const FOUR = [...THREE, 'etcd-4']
const FIVE = [...FOUR, 'etcd-5']

const EXAMPLE = join(import.meta.dirname, '../../examples/etcd/anneal.yaml')

let site: LabSite

beforeAll(async () => {
  site = labSite('etcd', readFileSync(EXAMPLE, 'utf8'), ['etcd'])
  await site.hosts(THREE)
}, 600_000)
afterAll(() => site.end(), LONG_MS)

describe('a cluster', { timeout: LONG_MS }, () => {
  test('is founded, and healthy over mutual TLS', async () => {
    const { code, said } = await site.up()
    expect(code, said).toBe(0)
    expect(await healthy('etcd-1')).toEqual(THREE)
    expect(await voters('etcd-2')).toEqual(THREE)
    const stranger =
      'ETCDCTL_API=3 etcdctl --cacert=/etc/etcd/pki/ca.pem --endpoints=https://127.0.0.1:2379 get x 2>&1'
    expect(await site.on('etcd-1', `${stranger} || :`)).toMatch(
      /bad certificate|certificate required|deadline/,
    )
  })

  test('is left alone when nothing has changed', async () => {
    expect(await site.up()).toMatchObject({ code: 0, runs: [] })
  })

  test('takes a new setting one member after the other, while a writer loses nothing', async () => {
    const writer = await startWriter(site.lab, THREE, 'tuned-')
    site.edit('heartbeat_interval_ms: 100', 'heartbeat_interval_ms: 150')
    const { code, runs, said } = await site.up()
    const tally = await writer.stop()

    expect(code, said).toBe(0)
    expect(names(runs).sort()).toEqual(THREE.map((node) => `store/${node}/etcd`))
    expect(overlapping(runs)).toEqual([])
    expect(tally).toMatchObject({ acknowledged: tally.put, lost: [] })
    expect(tally.put).toBeGreaterThan(100)
    for (const node of THREE) {
      expect(await site.on(node, environment)).toMatch('ETCD_HEARTBEAT_INTERVAL=150')
    }
  })

  test('restarts nobody while a member is missing, and catches up when it is back', async () => {
    const there = ['etcd-1', 'etcd-3']
    onTestFailed(() => startHost(site.lab, 'etcd-2'), LONG_MS)
    await stopHost(site.lab, 'etcd-2')
    const before = await starts(there)
    site.edit('heartbeat_interval_ms: 150', 'heartbeat_interval_ms: 120')
    const { code, said } = await site.up()
    expect(code, said).toBe(3)
    expect(said).toMatch('a restart would leave 1 of 3 members, fewer than a quorum')
    expect(await starts(there)).toEqual(before)
    expect(await site.on('etcd-1', '. /etc/etcd/etcdctl.env; etcdctl put still here')).toBe('OK')

    await startHost(site.lab, 'etcd-2')
    const again = await site.up()
    expect(again.code, again.said).toBe(0)
    expect(await healthy('etcd-1')).toEqual(THREE)
    for (const node of THREE) expect(await site.on(node, environment)).toMatch('ETCD_HEARTBEAT_INTERVAL=120')
  })

  test('grows by two: old members learn of it and go on running', async () => {
    const before = await starts(THREE)
    const writer = await startWriter(site.lab, THREE, 'grown-')
    await site.hosts(FIVE)
    const { code, runs, said } = await site.up()
    const tally = await writer.stop()

    expect(code, said).toBe(0)
    const onOld = names(runs).filter((id) => THREE.includes(id.split('/')[1] ?? ''))
    expect([...new Set(onOld)].sort()).toEqual(
      [
        ...THREE.flatMap((node) => [`base/${node}/hosts-file`, `store/${node}/etcd`]),
        'store/etcd-1/certificate-signing',
      ].sort(),
    )
    expect(await starts(THREE)).toEqual(before)
    expect(await healthy('etcd-1')).toEqual(FIVE)
    expect(await voters('etcd-5')).toEqual(FIVE)
    expect(tally).toMatchObject({ acknowledged: tally.put, lost: [] })
    expect(await site.up()).toMatchObject({ code: 0, runs: [] })
  })

  test('lets a member go that a commit takes away', async () => {
    const writer = await startWriter(site.lab, FOUR, 'shrunk-')
    await site.hosts(FOUR)
    const { code, runs, said } = await site.up()
    const tally = await writer.stop()

    expect(code, said).toBe(0)
    expect(
      runs.filter(({ action }) => action === 'remove').every(({ nodeRole }) => nodeRole.includes('/etcd-5/')),
    ).toBe(true)
    expect(await voters('etcd-1')).toEqual(FOUR)
    expect(await healthy('etcd-1')).toEqual(FOUR)
    expect(tally).toMatchObject({ acknowledged: tally.put, lost: [] })
    const left =
      'systemctl is-active etcd; ls -A /var/lib/etcd; ls -d /etc/etcd /etc/anneal-pki /etc/anneal 2>/dev/null; grep -c anneal /etc/hosts'
    expect(await site.on('etcd-5', `${left} || :`)).toBe('inactive\n0')
  })

  test('takes it back', async () => {
    await site.hosts(FIVE)
    const { code, said } = await site.up()
    expect(code, said).toBe(0)
    expect(await healthy('etcd-5')).toEqual(FIVE)
  })

  test('drops a member whose host died and was taken away; the host is forgotten, or cleared when it returns', async () => {
    onTestFailed(() => startHost(site.lab, 'etcd-5'), LONG_MS)
    await stopHost(site.lab, 'etcd-5')
    site.inventory(FOUR)
    const { code, said } = await site.up()
    expect(code, said).toBe(3) // it waits for etcd-5, to clear it
    expect(await voters('etcd-1')).toEqual(FOUR)
    expect(await healthy('etcd-1')).toEqual(FOUR)

    await startHost(site.lab, 'etcd-5')
    const again = await site.up()
    expect(again.code, again.said).toBe(0)
    expect(await site.on('etcd-5', 'systemctl is-active etcd; ls -A /var/lib/etcd')).toBe('inactive')
    expect(await voters('etcd-1')).toEqual(FOUR)
  })

  test('comes back by itself after all hosts lost their power', async () => {
    onTestFailed(async () => {
      for (const node of FOUR) await startHost(site.lab, node)
    }, LONG_MS)
    for (const node of FOUR) await stopHost(site.lab, node)
    for (const node of FOUR) await startHost(site.lab, node)
    expect(await site.up()).toMatchObject({ code: 0 })
    expect(await healthy('etcd-3')).toEqual(FOUR)
  })

  test('takes a member in anew whose data is lost, and founds no second cluster', async () => {
    const id = await clusterId('etcd-2')
    await site.on('etcd-1', 'systemctl stop etcd; rm -rf /var/lib/etcd/data')
    const { code, stderr } = await site.anneal('retry', 'etcd-1/etcd', 'etcd-1/etcd-founding')
    expect(code, stderr).toBe(0)
    expect(await healthy('etcd-1')).toEqual(FOUR)
    expect(await clusterId('etcd-1')).toBe(id)
  })

  test('is taken in as it is when Anneal has lost its memory', async () => {
    const before = await starts(FOUR)
    const hosts = (): Promise<string[]> =>
      Promise.all(FOUR.map((node) => site.on(node, 'cat /etc/anneal/hosts')))
    const named = await hosts()
    site.loseJournal()
    for (const deployment of ['base', 'store'])
      site.edit(`  ${deployment}:\n`, `  ${deployment}:\n    adopt: true\n`)
    const { code, runs, said } = await site.up()
    expect(code, said).toBe(0)
    // A hosts file that was looked at before all nodes had answered is written once more: it does not wait for who is silent.
    const applied = runs.filter(
      ({ nodeRole, action, result }) =>
        !nodeRole.endsWith('/hosts-file') && (action !== 'check' || result !== 'ok'),
    )
    expect(names(applied)).toEqual(['store/etcd-1/etcd-founding']) // told of the cluster by its members
    expect(applied[0]).toMatchObject({ result: 'ok', changed: false })
    expect(await starts(FOUR)).toEqual(before)
    expect(await hosts()).toEqual(named)
  })

  test('ends with its last member, whose data is kept', async () => {
    site.edit('nodes: "node.name.startsWith(\'etcd-\')"', 'nodes: []')
    const { code, said } = await site.up()
    expect(code, said).toBe(0)
    const copies = await Promise.all(
      FOUR.map((node) => site.on(node, 'ls -d /var/lib/etcd/data* 2>/dev/null | wc -l')),
    )
    expect(copies.sort()).toEqual(['0', '0', '0', '1'])
  })
})

const environment = "tr '\\0' '\\n' </proc/$(systemctl show -p MainPID --value etcd)/environ"

async function healthy(from: string): Promise<string[]> {
  const told = await site.on(from, '. /etc/etcd/etcdctl.env; etcdctl endpoint health --cluster 2>&1')
  const addresses = await site.on(from, "sed -n '/^# anneal: begin/,$p' /etc/hosts")
  const nameOf = new Map(addresses.split('\n').map((line) => [line.split(' ')[0], line.split(' ')[1]]))
  const found = [...told.matchAll(/^https:\/\/([\d.]+):2379 is healthy/gm)]
  return found.map(([, address]) => nameOf.get(address) ?? `${address}?`).sort()
}

/** Members that have started and have a vote. */
async function voters(from: string): Promise<string[]> {
  const told = await site.on(from, '. /etc/etcd/etcdctl.env; etcdctl member list')
  const members = told.split('\n').map((line) => line.split(', '))
  return members
    .map(([, state, name, , , learner]) =>
      state === 'started' && learner === 'false' ? `${name}` : `${name} ${state}`,
    )
    .sort()
}

async function clusterId(from: string): Promise<string | undefined> {
  const told = await site.on(from, '. /etc/etcd/etcdctl.env; etcdctl member list --write-out=json')
  return /"cluster_id":(\d+)/.exec(told)?.[1]
}

/** Which start of its etcd each node is at. */
async function starts(nodes: readonly string[]): Promise<string[]> {
  return Promise.all(nodes.map((node) => site.on(node, 'systemctl show -p InvocationID --value etcd')))
}

function names(runs: readonly Run[]): string[] {
  return runs.map(({ nodeRole }) => nodeRole)
}

/** Runs that began before the one before them had ended. */
function overlapping(runs: readonly Run[]): string[] {
  return runs.flatMap((one, index) => {
    const before = runs[index - 1]
    return before && one.startedAt < before.startedAt + before.durationMs
      ? [`${before.run} and ${one.run}`]
      : []
  })
}
