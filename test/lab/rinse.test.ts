// Starting over on real hosts: a whole etcd site, one member of it under load, and a dead machine's place taken by another.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stopHost } from '../../src/lab/breakage.ts'
import { startWriter } from './etcd-writer.ts'
import { type LabSite, labSite, type Run } from './lab-site.ts'

const LONG_MS = 600_000
const THREE = ['etcd-1', 'etcd-2', 'etcd-3']
const REPLACED = ['etcd-1', 'etcd-2', 'etcd-4']

const EXAMPLE = join(import.meta.dirname, '../../examples/etcd/anneal.yaml')

let site: LabSite

beforeAll(async () => {
  site = labSite('rinse', readFileSync(EXAMPLE, 'utf8'), ['etcd'])
  await site.hosts(THREE)
  const { code, said } = await site.up()
  expect(code, said).toBe(0)
}, 600_000)
afterAll(() => site.end(), LONG_MS)

describe('a rinse', { timeout: LONG_MS }, () => {
  test('asks, and does nothing where nobody is there to be asked', async () => {
    const { code, stdout, stderr } = await site.anneal('rinse', 'store')
    expect(code, stderr).toBe(5)
    expect(stdout).toMatch(/- store\/etcd +etcd-1, etcd-2, etcd-3\n/)
    expect(stdout).toMatch(/- store\/etcd-founding +etcd-1 +only applied again/)
    expect(await site.newRuns()).toEqual([])
  })

  test('of one member: the others stay as they are, and a writer loses nothing', async () => {
    const [cluster, others] = [await clusterId('etcd-1'), ['etcd-1', 'etcd-3']]
    const [startsBefore, memberBefore] = [await starts(others), await memberId('etcd-2')]
    const writer = await startWriter(site.lab, THREE, 'rinsed-')
    const { code, said, runs } = await rinse('etcd-2/etcd')
    const tally = await writer.stop()

    expect(code, said).toBe(0)
    expect(runs.map(({ action, nodeRole }) => `${action} ${nodeRole}`)).toEqual([
      'remove store/etcd-2/etcd',
      'apply store/etcd-2/etcd',
    ])
    expect(tally).toMatchObject({ acknowledged: tally.put, lost: [] })
    expect(tally.put).toBeGreaterThan(100)
    expect(await healthy('etcd-1')).toEqual(THREE)
    expect(await starts(others)).toEqual(startsBefore)
    expect(await clusterId('etcd-2')).toBe(cluster)
    expect(await memberId('etcd-2')).not.toBe(memberBefore)
  })

  test('of the whole deployment: all of it goes, then another cluster by another authority is founded', async () => {
    await site.on('etcd-1', '. /etc/etcd/etcdctl.env; etcdctl put of the-cluster-before')
    const [cluster, authority] = [await clusterId('etcd-1'), await authorityKey()]
    const { code, said, runs } = await rinse('store')

    expect(code, said).toBe(0)
    const lastRemoval = runs.findLastIndex(({ action }) => action === 'remove')
    const firstApply = runs.findIndex(({ action }) => action === 'apply')
    expect(firstApply).toBeGreaterThan(lastRemoval)
    expect(runs.every(({ nodeRole }) => nodeRole.startsWith('store/'))).toBe(true)
    for (const node of THREE) {
      const removed = runs.filter(({ action, nodeRole }) => action === 'remove' && nodeRole.includes(node))
      const roles = removed.map(({ nodeRole }) => nodeRole.split('/')[2])
      expect(roles.indexOf('etcd')).toBeLessThan(roles.indexOf('etcd-tls'))
      expect(roles.indexOf('etcd-tls')).toBeLessThan(roles.indexOf('etcd-package'))
      expect(roles.indexOf('etcd-tls')).toBeLessThan(roles.indexOf('certificate-request'))
    }

    expect(await healthy('etcd-1')).toEqual(THREE)
    expect(await clusterId('etcd-1')).not.toBe(cluster)
    expect(await authorityKey()).not.toBe(authority)
    expect(await site.on('etcd-2', '. /etc/etcd/etcdctl.env; etcdctl get of')).toBe('')
    const aside = await Promise.all(
      THREE.map((node) => site.on(node, 'ls -d /var/lib/etcd/data.last-* | wc -l')),
    )
    expect(aside.sort()).toEqual(['0', '0', '1'])
    expect(await site.on('etcd-1', 'ls -d /etc/anneal-pki/ca.removed-* | wc -l')).toBe('1')
    expect(await site.up()).toMatchObject({ code: 0, runs: [] })
  })

  test('of all members alone: who founds learns that nobody is left, and founds another cluster', async () => {
    const [cluster, authority] = [await clusterId('etcd-1'), await authorityKey()]
    const { code, said, runs } = await rinse('store/etcd')

    expect(code, said).toBe(0)
    const roles = new Set(runs.map(({ nodeRole }) => nodeRole.split('/')[2] ?? ''))
    expect([...roles].sort()).toEqual(['etcd', 'etcd-founding'])
    expect(await healthy('etcd-1')).toEqual(THREE)
    expect(await clusterId('etcd-1')).not.toBe(cluster)
    expect(await authorityKey()).toBe(authority)
  })
})

describe('another machine in the place of a dead one', { timeout: LONG_MS }, () => {
  test('joins, the dead member is dropped, and everything else keeps still', async () => {
    const stay = ['etcd-1', 'etcd-2']
    await site.hosts([...THREE, 'etcd-4'])
    const [before, cluster] = [await starts(stay), await clusterId('etcd-1')]
    await stopHost(site.lab, 'etcd-3')
    site.inventory(REPLACED)
    const { code, said, runs } = await site.up()

    expect(code, said).toBe(3) // it waits for etcd-3, to clear it
    expect(said).toMatch('etcd-3 has not answered')
    const elsewhere = new Set(runs.map(({ nodeRole }) => nodeRole).filter((id) => !id.includes('/etcd-4/')))
    expect([...elsewhere].sort()).toEqual(
      [
        ...stay.flatMap((node) => [`base/${node}/hosts-file`, `store/${node}/etcd`]),
        'store/etcd-1/certificate-signing',
      ].sort(),
    )
    expect(await healthy('etcd-1')).toEqual(REPLACED)
    expect(await members('etcd-4')).toEqual(REPLACED)
    expect(await starts(stay)).toEqual(before)
    expect(await clusterId('etcd-4')).toBe(cluster)

    const forgotten = await site.anneal('forget', 'etcd-3', '--yes')
    expect(forgotten.code, forgotten.stderr).toBe(0)
    expect(await site.up()).toMatchObject({ code: 0 })
    expect((await site.newRuns()).map(({ nodeRole }) => nodeRole)).toEqual([])
  })
})

async function rinse(...targets: string[]): Promise<{ code: number; said: string; runs: Run[] }> {
  await site.newRuns()
  const { code, stdout, stderr } = await site.anneal('rinse', ...targets, '--yes', '-m', 'a clean start')
  return { code, said: `${stdout}\n${stderr}`, runs: await site.newRuns() }
}

async function healthy(from: string): Promise<string[]> {
  const told = await site.on(from, '. /etc/etcd/etcdctl.env; etcdctl endpoint health --cluster 2>&1')
  const addresses = await site.on(from, "sed -n '/^# anneal: begin/,$p' /etc/hosts")
  const nameOf = new Map(addresses.split('\n').map((line) => [line.split(' ')[0], line.split(' ')[1]]))
  const found = [...told.matchAll(/^https:\/\/([\d.]+):2379 is healthy/gm)]
  return found.map(([, address]) => nameOf.get(address) ?? `${address}?`).sort()
}

/** By name; one that has not started or has no vote says so. */
async function members(from: string): Promise<string[]> {
  return (await memberList(from))
    .map(([, state, name, , , learner]) =>
      state === 'started' && learner === 'false' ? `${name}` : `${name} ${state}`,
    )
    .sort()
}

async function memberId(node: string): Promise<string | undefined> {
  return (await memberList('etcd-1')).find(([, , name]) => name === node)?.[0]
}

async function memberList(from: string): Promise<string[][]> {
  const told = await site.on(from, '. /etc/etcd/etcdctl.env; etcdctl member list')
  return told.split('\n').map((line) => line.split(', '))
}

async function clusterId(from: string): Promise<string | undefined> {
  const told = await site.on(from, '. /etc/etcd/etcdctl.env; etcdctl member list --write-out=json')
  return /"cluster_id":(\d+)/.exec(told)?.[1]
}

function authorityKey(): Promise<string> {
  return site.on('etcd-1', 'openssl x509 -in /etc/anneal-pki/ca/ca.pem -noout -pubkey')
}

/** Which start of its etcd each node is at. */
async function starts(nodes: readonly string[]): Promise<string[]> {
  return Promise.all(nodes.map((node) => site.on(node, 'systemctl show -p InvocationID --value etcd')))
}
